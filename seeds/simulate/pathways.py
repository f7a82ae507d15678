"""What drives people to services and from one service to the next: the planted parameters of the life course.

What belongs here: needs, how they follow one another, which services they lead to, how long things take. What does not:
drawing anything (`needs`, `episodes`). The figures are plausible, not measured; each is planted, so tests can recover it.
"""

# ruff: noqa: E501 - one row of a table is one line

from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """A latent need: yearly chance of its onset for an average adult in the ages given, and its median length in days.

    `gradient`: how steeply it follows deprivation and a person's frailty (0 not at all, 1 fully). `household`: adults of
    a household share it. `seek`: share of spells in which help is sought at all.
    """

    yearly: float
    ages: tuple[int, int]
    days: float
    seek: float
    gradient: float = 1.0
    household: bool = False


NEEDS: dict[str, Need] = {
    "low_income": Need(0.036, (18, 120), 700, 0.80, household=True),
    "job_loss": Need(0.045, (18, 66), 190, 0.72),
    "skills": Need(0.030, (18, 64), 150, 0.75, gradient=0.5),
    "debt": Need(0.020, (18, 90), 260, 0.55),
    "poor_mh": Need(0.042, (16, 95), 240, 0.62),
    "housing_crisis": Need(0.011, (17, 90), 130, 0.80, household=True),
    "family_stress": Need(0.150, (4, 17), 260, 0.60),
    "substance": Need(0.010, (16, 75), 420, 0.55),
    "violence": Need(0.030, (10, 24), 160, 0.65),
    "abuse": Need(0.011, (17, 70), 170, 0.50),
    "care": Need(0.011, (18, 64), 500, 0.70, gradient=0.5),
    "frailty": Need(0.085, (65, 120), 480, 0.70, gradient=0.4),
    "isolation": Need(0.028, (18, 110), 260, 0.50, gradient=0.6),
    "caring": Need(0.030, (30, 75), 600, 0.75, gradient=0.5),
    "lost_thread": Need(0.110, (16, 24), 300, 0.75, gradient=0.6),
}

NEED_FOLLOWS: dict[str, dict[str, float]] = {
    "job_loss": {"low_income": 0.25, "debt": 0.20, "poor_mh": 0.14},
    "low_income": {"debt": 0.05},
    "debt": {"poor_mh": 0.16, "housing_crisis": 0.10},
    "poor_mh": {"job_loss": 0.10, "isolation": 0.08, "substance": 0.04},
    "housing_crisis": {"poor_mh": 0.16, "debt": 0.12},
    "family_stress": {"violence": 0.05},
    "substance": {"housing_crisis": 0.12, "job_loss": 0.10, "violence": 0.04},
    "abuse": {"housing_crisis": 0.18, "poor_mh": 0.20},
    "frailty": {"isolation": 0.10},
    "caring": {"low_income": 0.35, "job_loss": 0.20, "debt": 0.20, "poor_mh": 0.12},
    "lost_thread": {"poor_mh": 0.30, "job_loss": 0.45, "violence": 0.05},
}
"""Chance that a need brings on another one; the lag is exponential with a mean of 80 days."""
NEED_LAG_DAYS = 80

DEPRIVATION = (2.0, 1.35, 0.95, 0.65, 0.45)
"""Planted deprivation gradient: relative rate of onset by quintile, most deprived first."""
FRAILTY_SHAPE = 0.7
"""Shape of the gamma distribution of personal risk: lower puts more needs on fewer people."""

ENTRY: dict[str, dict[str, float]] = {
    "low_income": {"council_tax_support": 0.50, "housing_benefit": 0.10, "household_support_fund": 0.15, "universal_credit_working": 0.15, "benefits_advice": 0.10},
    "job_loss": {"universal_credit_searching": 0.66, "jobseekers_allowance": 0.12, "employment_coaching": 0.10, "council_tax_support": 0.12},
    "skills": {"adult_skills_course": 0.45, "english_and_maths": 0.20, "digital_skills": 0.20, "apprenticeship_support": 0.15},
    "debt": {"debt_advice": 0.60, "benefits_advice": 0.15, "energy_advice": 0.10, "rent_arrears_support": 0.15},
    "poor_mh": {"talking_therapies": 0.62, "community_mental_health_team": 0.14, "crisis_resolution": 0.08, "link_worker": 0.11, "early_intervention_in_psychosis": 0.05},
    "housing_crisis": {"homelessness_prevention": 0.46, "homelessness_relief": 0.22, "rough_sleeping_outreach": 0.07, "housing_advice": 0.15, "tenancy_sustainment": 0.10},
    "family_stress": {"family_support_plan": 0.42, "parenting_programme": 0.20, "school_attendance_support": 0.20, "family_hub": 0.12, "young_carers": 0.06},
    "substance": {"alcohol_treatment": 0.45, "drug_treatment": 0.40, "recovery_support": 0.15},
    "violence": {"youth_diversion": 0.50, "violence_reduction_mentoring": 0.25, "victim_support": 0.25},
    "abuse": {"domestic_abuse_support": 0.70, "victim_support": 0.20, "homelessness_prevention": 0.10},
    "care": {"care_needs_assessment": 0.50, "direct_payment": 0.20, "carer_support": 0.15, "supported_housing": 0.15},
    "frailty": {"care_needs_assessment": 0.44, "reablement": 0.30, "home_care": 0.16, "falls_and_equipment": 0.10},
    "isolation": {"link_worker": 0.40, "befriending": 0.22, "community_food": 0.20, "wellbeing_group": 0.18},
    "caring": {"carer_support": 0.76, "link_worker": 0.14, "benefits_advice": 0.10},
    "lost_thread": {"talking_therapies": 0.45, "employment_coaching": 0.25, "apprenticeship_support": 0.20, "youth_diversion": 0.10},
}  # fmt: skip
"""The first door: where a need is taken first."""

ONWARD: dict[str, dict[str, float]] = {
    "universal_credit_searching": {"employment_coaching": 0.16, "debt_advice": 0.08, "council_tax_support": 0.10, "talking_therapies": 0.06},
    "jobseekers_allowance": {"employment_coaching": 0.15, "adult_skills_course": 0.08},
    "universal_credit_health": {"work_and_health_programme": 0.15, "talking_therapies": 0.10},
    "universal_credit_working": {"childcare_and_work_advice": 0.08},
    "employment_coaching": {"adult_skills_course": 0.18, "digital_skills": 0.08, "apprenticeship_support": 0.05},
    "adult_skills_course": {"employment_coaching": 0.12},
    "council_tax_support": {"debt_advice": 0.06, "discretionary_housing_payment": 0.04},
    "housing_benefit": {"discretionary_housing_payment": 0.08},
    "debt_advice": {"benefits_advice": 0.14, "talking_therapies": 0.12, "homelessness_prevention": 0.07},
    "benefits_advice": {"debt_advice": 0.12, "universal_credit_health": 0.08},
    "rent_arrears_support": {"debt_advice": 0.25, "tenancy_sustainment": 0.12},
    "talking_therapies": {"link_worker": 0.10, "community_mental_health_team": 0.06, "employment_coaching": 0.06},
    "community_mental_health_team": {"crisis_resolution": 0.10, "universal_credit_health": 0.10, "supported_housing": 0.05},
    "crisis_resolution": {"community_mental_health_team": 0.35},
    "link_worker": {"befriending": 0.15, "wellbeing_group": 0.15, "community_food": 0.08, "debt_advice": 0.07},
    "homelessness_prevention": {"debt_advice": 0.15, "homelessness_relief": 0.18, "tenancy_sustainment": 0.08},
    "homelessness_relief": {"temporary_accommodation": 0.40, "drug_treatment": 0.05},
    "temporary_accommodation": {"tenancy_sustainment": 0.25, "housing_benefit": 0.20, "talking_therapies": 0.08},
    "rough_sleeping_outreach": {"homelessness_relief": 0.45, "drug_treatment": 0.15},
    "family_support_plan": {"parenting_programme": 0.18, "school_attendance_support": 0.10, "youth_diversion": 0.04},
    "school_attendance_support": {"family_support_plan": 0.20},
    "alcohol_treatment": {"recovery_support": 0.30, "talking_therapies": 0.08},
    "drug_treatment": {"recovery_support": 0.28, "homelessness_relief": 0.06, "employment_coaching": 0.05},
    "youth_diversion": {"violence_reduction_mentoring": 0.18, "family_support_plan": 0.10},
    "domestic_abuse_support": {"homelessness_prevention": 0.15, "talking_therapies": 0.15},
    "care_needs_assessment": {"home_care": 0.34, "direct_payment": 0.10, "reablement": 0.12, "link_worker": 0.04},
    "reablement": {"home_care": 0.22, "falls_and_equipment": 0.15},
    "home_care": {"carer_support": 0.08},
}  # fmt: skip
"""Planted transition probabilities: the chance that a started episode leads to a referral to another service."""
ONWARD_LAG_DAYS = 45


@dataclass(frozen=True)
class ServicePath:
    """How one service runs: whose feed it is in, days to wait and to last (medians), and how referrals fall away."""

    feed: str
    wait: float
    days: float
    declined: float = 0.05
    withdrawn: float = 0.05
    ages: tuple[int, int] = (18, 120)
    returns: float = 0.12
    completed: float = 0.65


SERVICES: dict[str, ServicePath] = {
    "homelessness_prevention": ServicePath("housing_options", 6, 56, 0.12, 0.06, (17, 120)),
    "homelessness_relief": ServicePath("housing_options", 3, 50, 0.08, 0.04, (17, 120)),
    "temporary_accommodation": ServicePath("housing_options", 1, 130, 0.0, 0.02, (17, 120)),
    "rough_sleeping_outreach": ServicePath("housing_options", 1, 40, 0.0, 0.10, (17, 120), 0.25, 0.4),
    "council_tax_support": ServicePath("council_tax_benefits", 14, 420, 0.10, 0.02),
    "housing_benefit": ServicePath("council_tax_benefits", 16, 400, 0.10, 0.02),
    "discretionary_housing_payment": ServicePath("council_tax_benefits", 12, 120, 0.25, 0.02),
    "household_support_fund": ServicePath("council_tax_benefits", 6, 14, 0.10, 0.0, (18, 120), 0.30, 0.95),
    "care_needs_assessment": ServicePath("adult_social_care", 24, 28, 0.10, 0.04, (18, 120), 0.10, 0.9),
    "home_care": ServicePath("adult_social_care", 9, 380, 0.0, 0.03),
    "reablement": ServicePath("adult_social_care", 4, 42, 0.04, 0.03),
    "direct_payment": ServicePath("adult_social_care", 30, 500, 0.05, 0.03),
    "carer_support": ServicePath("adult_social_care", 15, 260, 0.05, 0.05),
    "falls_and_equipment": ServicePath("adult_social_care", 12, 30, 0.02, 0.02, (18, 120), 0.15, 0.95),
    "family_support_plan": ServicePath("early_help", 12, 210, 0.12, 0.10, (0, 19)),
    "parenting_programme": ServicePath("early_help", 25, 84, 0.05, 0.12, (0, 19)),
    "school_attendance_support": ServicePath("early_help", 10, 120, 0.05, 0.06, (5, 18)),
    "family_hub": ServicePath("early_help", 4, 60, 0.0, 0.05, (0, 19)),
    "young_carers": ServicePath("early_help", 20, 240, 0.05, 0.05, (6, 19)),
    "debt_advice": ServicePath("debt_advice", 9, 100, 0.03, 0.10),
    "benefits_advice": ServicePath("debt_advice", 7, 35, 0.02, 0.06),
    "housing_advice": ServicePath("debt_advice", 6, 40, 0.02, 0.06),
    "energy_advice": ServicePath("debt_advice", 6, 25, 0.02, 0.05),
    "talking_therapies": ServicePath("community_mental_health", 26, 95, 0.10, 0.16, (16, 120), 0.15, 0.55),
    "community_mental_health_team": ServicePath("community_mental_health", 32, 330, 0.22, 0.08, (16, 120)),
    "crisis_resolution": ServicePath("community_mental_health", 1, 24, 0.05, 0.05, (16, 120), 0.25, 0.8),
    "early_intervention_in_psychosis": ServicePath("community_mental_health", 10, 500, 0.30, 0.05, (16, 65)),
    "adult_skills_course": ServicePath("skills_employment", 30, 120, 0.05, 0.08),
    "english_and_maths": ServicePath("skills_employment", 26, 180, 0.03, 0.08),
    "digital_skills": ServicePath("skills_employment", 18, 60, 0.02, 0.08),
    "employment_coaching": ServicePath("skills_employment", 12, 130, 0.04, 0.10),
    "apprenticeship_support": ServicePath("skills_employment", 25, 150, 0.15, 0.08, (16, 40)),
    "work_and_health_programme": ServicePath("skills_employment", 20, 300, 0.10, 0.10),
    "universal_credit_searching": ServicePath("jobcentre_claims", 5, 150, 0.05, 0.03, (18, 66), 0.22, 0.7),
    "universal_credit_working": ServicePath("jobcentre_claims", 6, 330, 0.06, 0.02, (18, 66)),
    "universal_credit_health": ServicePath("jobcentre_claims", 20, 480, 0.15, 0.02, (18, 66)),
    "jobseekers_allowance": ServicePath("jobcentre_claims", 5, 110, 0.08, 0.03, (18, 66)),
    "childcare_and_work_advice": ServicePath("jobcentre_claims", 8, 20, 0.02, 0.04, (18, 60)),
    "alcohol_treatment": ServicePath("drug_alcohol", 11, 150, 0.03, 0.14, (16, 120), 0.22, 0.5),
    "drug_treatment": ServicePath("drug_alcohol", 8, 260, 0.03, 0.14, (16, 120), 0.25, 0.4),
    "recovery_support": ServicePath("drug_alcohol", 6, 120, 0.0, 0.10, (16, 120)),
    "youth_diversion": ServicePath("police_youth", 12, 90, 0.08, 0.08, (10, 24), 0.15),
    "violence_reduction_mentoring": ServicePath("police_youth", 16, 150, 0.05, 0.12, (10, 25)),
    "victim_support": ServicePath("police_youth", 4, 40, 0.0, 0.20, (10, 120)),
    "domestic_abuse_support": ServicePath("police_youth", 3, 80, 0.03, 0.15, (16, 120), 0.20),
    "tenancy_sustainment": ServicePath("housing_association", 10, 160, 0.05, 0.06, (17, 120)),
    "supported_housing": ServicePath("housing_association", 35, 420, 0.30, 0.05, (17, 120)),
    "rent_arrears_support": ServicePath("housing_association", 5, 110, 0.0, 0.05, (18, 120)),
    "link_worker": ServicePath("social_prescribing", 12, 75, 0.03, 0.10),
    "befriending": ServicePath("social_prescribing", 20, 200, 0.05, 0.08),
    "community_food": ServicePath("social_prescribing", 3, 60, 0.0, 0.02, (18, 120), 0.25, 0.8),
    "wellbeing_group": ServicePath("social_prescribing", 10, 90, 0.0, 0.08),
}

WAIT_SERVICE, WAIT_LONG_MSOA, WAIT_USUAL_MSOA, WAIT_EXTRA_DAYS = "talking_therapies", "E02999009", "E02999007", 21
"""Planted waiting-time difference: residents of Marsh End wait three weeks longer than those of Castle Rise and all others."""
AT_ONCE_SHARE, AT_ONCE_SERVICES = 0.012, 4
"""Planted share of all residents who, on some day of the window, have four or more services at once."""
SURGE_SERVICE, SURGE_FROM_MONTH, SURGE_FACTOR = "debt_advice", 24, 1.5
"""Planted change: from month index 24 debt brings half as many people again."""
