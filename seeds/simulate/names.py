"""Names that the simulated residents bear: common ones with their shares, and made-up surnames for the long tail.

What belongs here: pools and drawing from them. What does not: mistakes in recording a name (`noise`). Names follow the
broad ethnic group, because that is what makes linkage fail more often for some groups than for others.
"""

import numpy as np

# ruff: noqa: E501, SIM905 - pools of names read best as running text

WOMEN = (
    "Margaret Susan Patricia Christine Linda Elizabeth Jean Mary Sarah Julie Karen Helen Emma Claire Nicola Joanne Amanda "
    "Rebecca Laura Rachel Samantha Jessica Charlotte Hannah Sophie Emily Lauren Katherine Olivia Amelia Isla Ava Grace "
    "Chloe Megan Bethany Abigail Victoria Jennifer Deborah Jacqueline Tracey Sharon Lesley Gillian Carol Janet Barbara "
    "Dorothy Sheila Maureen Pauline Alison Catherine Michelle Lisa Angela Natalie Zoe Gemma Stephanie Kelly Danielle "
    "Holly Lucy Ella Poppy Freya Daisy Millie Evelyn Florence Rosie Phoebe Theresa Frances Beatrice Harriet Eleanor "
    "Josephine Philippa Rosemary Hilary Marion Kathleen Diane Lorraine Wendy Heather"
).split()
MEN = (
    "David John Peter Michael Alan Robert Stephen Paul Andrew Mark Richard Christopher James Simon Daniel Matthew "
    "Thomas Joshua Jack Oliver George Harry Noah Leo Arthur Oscar Charlie Samuel William Joseph Alexander Benjamin "
    "Anthony Kevin Brian Colin Keith Derek Raymond Kenneth Dennis Roger Graham Barry Ian Neil Gary Martin Nigel Philip "
    "Stuart Craig Jason Lee Darren Adam Ryan Luke Callum Connor Jordan Nathan Kieran Lewis Ethan Jacob Alfred Henry "
    "Theodore Frederick Edward Patrick Dominic Gareth Russell Trevor Terence Leonard Ronald Donald Geoffrey Timothy "
    "Nicholas Jonathan Gregory Vincent Francis Lawrence Clive Dale"
).split()
WOMEN_ASIAN = "Aisha Fatima Priya Ayesha Zainab Sana Nadia Anjali Meera Maryam Khadija Amina Rukhsana Shabana Li Mei Neha Pooja Samina Hafsa".split()
MEN_ASIAN = "Mohammed Muhammad Ali Ahmed Imran Raj Arjun Amit Hassan Hussain Bilal Yusuf Ibrahim Tariq Sanjay Wei Jun Vikram Omar Usman".split()
WOMEN_BLACK = (
    "Abena Chioma Ngozi Ama Adaeze Folake Grace Blessing Precious Makena Zawadi Esther Ruth Naomi Comfort".split()
)
MEN_BLACK = (
    "Kwame Emeka Tunde Kofi Chidi Oluwaseun Samuel Emmanuel Joseph Michael Isaac Daniel Abdi Tendai Marcus".split()
)
WOMEN_EUROPEAN = "Anna Katarzyna Agnieszka Magdalena Ioana Elena Maria Joana Ana Zuzana Małgorzata Júlia Renata Svetlana Oksana".split()
MEN_EUROPEAN = "Piotr Tomasz Krzysztof Paweł Andrei Ion Mihai João Pedro José Jan Marek Łukasz Vasile Dmytro".split()

SURNAMES = (
    "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts Green "
    "Hall Wood Jackson Clarke Harris Clark Turner Hill Cooper Morris Ward Moore King Watson Baker Harrison Morgan Patel "
    "Young Allen Mitchell James Anderson Phillips Lee Bell Parker Davis Bennett Miller Cook Shaw Richardson Carter "
    "Collins Marshall Bailey Gray Cox Adams Wilkinson Foster Mason Russell Chapman Mills Webb Rogers Gibson Hunt "
    "O'Brien O'Neill McDonald MacLeod Ellis Knight Butler Pearson Barker Stevens Jenkins Fisher Simpson Palmer"
).split()
SURNAMES_ASIAN = "Khan Ahmed Hussain Patel Begum Ali Singh Kaur Shah Mahmood Akhtar Chen Wang Sharma Iqbal Malik Rahman Uddin Hossain Li Gupta Mistry".split()
SURNAMES_BLACK = "Okafor Mensah Adeyemi Boateng Osei Nwosu Campbell Brown Francis Thomas Joseph Abdi Moyo Eze Balogun Asante Bello".split()
SURNAMES_EUROPEAN = "Kowalski Nowak Popescu Ionescu Silva Santos Wiśniewska Novák Pereira Zielińska Lewandowski Ferreira Kovács Marin Dąbrowski".split()
STEMS = (
    "Ash Beck Black Brad Bram Brook Burn Car Chal Clay Cop Cran Crow Dal Den Don East Eld Fair Farn Fen Gar Glen Gran "
    "Hal Ham Hart Hazel Heath Hol Hors Kel Kirk Lang Lin Long Lyd Mar Mel Mid Nor Oak Old Pen Pem Ran Red Rid Rock Ros "
    "Sand Sel Shel Stan Stock Sut Thorn Thur Til Up Wal War Wel West Whit Wid Win Wood Wor Yar"
).split()
ENDINGS = "ley ton ford worth field ham combe stead wick den dale bury gate man well bourne land more ridge brook ster".split()

POOLS = {
    "F": {"asian": WOMEN_ASIAN, "black": WOMEN_BLACK, "white_other": WOMEN_EUROPEAN, "": WOMEN},
    "M": {"asian": MEN_ASIAN, "black": MEN_BLACK, "white_other": MEN_EUROPEAN, "": MEN},
}
FAMILIES = {"asian": SURNAMES_ASIAN, "black": SURNAMES_BLACK, "white_other": SURNAMES_EUROPEAN, "": SURNAMES}
MADE_UP_SHARE = 0.55
"""Share of surnames from the long tail: real registers are about half names that fewer than one in 2,000 bear."""


def draw_forenames(random: np.random.Generator, sex: np.ndarray, culture: np.ndarray) -> np.ndarray:
    """Return a forename for each person; earlier names in a pool are commoner (Zipf)."""
    drawn = np.empty(sex.size, dtype=object)
    for letter, pools in POOLS.items():
        for group, pool in pools.items():
            here = np.flatnonzero((sex == letter) & (culture == group))
            drawn[here] = np.array(pool, dtype=object)[_zipf(random, len(pool), here.size)]
    return drawn


def draw_surnames(random: np.random.Generator, culture: np.ndarray) -> np.ndarray:
    """Return a surname for each person: common ones by group, or made up of an English stem and ending."""
    drawn = np.empty(culture.size, dtype=object)
    for group, pool in FAMILIES.items():
        here = np.flatnonzero(culture == group)
        drawn[here] = np.array(pool, dtype=object)[_zipf(random, len(pool), here.size)]
    rare = np.flatnonzero(random.random(culture.size) < np.where(culture == "", MADE_UP_SHARE, 0.15))
    made_up = np.array([stem + ending for stem in STEMS for ending in ENDINGS], dtype=object)
    drawn[rare] = made_up[random.integers(0, made_up.size, rare.size)]
    return drawn


def _zipf(random: np.random.Generator, size: int, count: int) -> np.ndarray:
    weights = 1 / (np.arange(size) + 3.0) ** 0.8
    return random.choice(size, size=count, p=weights / weights.sum())
