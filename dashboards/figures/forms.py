"""How each kind of chart is read, in two or three plain sentences. The key is what a figure names as its `form`."""

HOW_TO_READ = {
    "bars": (
        "One bar a row, longest first; its length is the number beside it. Where some bars are grey, the blue "
        "ones are those that the heading names. Bars may overlap in people: one person can be in several."
    ),
    "columns": (
        "One column a group, in the order of the groups; its height is the number above it. Where a thin line "
        "crosses the top of a column, it is the 95% interval: columns whose intervals overlap may differ by "
        "chance alone."
    ),
    "pyramid": "One row an age band, one side for each sex; the further a bar reaches from the middle, the more.",
    "dumbbell": (
        "Each row has two dots: the hollow one is the earlier year, the full one the later. The further apart "
        "they stand, the larger the change; grey rows changed by no more than rounding and protection may "
        "explain."
    ),
    "dots": (
        "One dot a row. The upright line is the whole; the further a dot stands from it, the more that row differs."
    ),
    "points": (
        "One dot a row with its 95% interval as a line through it. The upright line is the whole area. Where a "
        "line crosses the upright one, the difference may be chance; ranks of rows whose lines overlap mean "
        "nothing."
    ),
    "pairs": (
        "Each row has one mark for each of the two groups, as shares of that group. A thick line joins marks that"
        " differ clearly; a thin line, marks that do not."
    ),
    "line": (
        "One point a month, from left to right. The axis begins at nothing, so height can be compared. A gap is a"
        " month whose figure is hidden."
    ),
    "small lines": (
        "One line a row, all on the same scale; the number at the end is the latest. A gap is a value that is "
        "hidden or was never delivered."
    ),
    "matrix": (
        "Take a row, go along it: each cell tells about the row's group and the column's. The more a cell stands "
        "out from the background, the more. Rows and columns are not the same way round, so read from the row to "
        "the column. A dot is a hidden figure."
    ),
    "upset": (
        "Each column is one exact combination: its height is the people, and the joined dots under it are what "
        "they used, and nothing else. Bars at the left are everybody who used that one thing, alone or with "
        "others."
    ),
    "flow": (
        "From left to right, one step after another. A band is people who went from one box to the next; its "
        "width is how many. Rare paths are merged into “other”."
    ),
    "balance": (
        "Each column is a month: upwards those who came, downwards those who went. Where the upper part is "
        "taller, more came than went."
    ),
    "curves": (
        "Each line climbs as more of the group reach the event; its height on a day is the share that had by "
        "then. A steeper line is sooner. Lines end where not everybody was followed any longer."
    ),
    "funnel plot": (
        "Each dot is a service: further right is larger, further up is a higher share. Between the curved lines, "
        "chance alone explains the distance from the whole. A dot outside is a reason to ask, not a verdict."
    ),
    "map": (
        "Each area has the shade of its group: the more it stands out from the background, the higher. Grey areas"
        " are hidden. Large areas look important because they are large; the table has the numbers."
    ),
    "ranges": (
        "One bar a row, longest first; its length is the amount beside it. The thin line goes from the amount at the "
        "lowest unit cost to that at the highest: the truth of the prices is somewhere on it."
    ),
    "lorenz": (
        "Go right to a share of the people, those who cost least first, and up to the share of the cost that they "
        "make. The straight line is what it would be if everybody cost the same; the further below it, the more "
        "the cost is that of few."
    ),
    "timeline": "One bar a row from its first day to its last. The upright line is today.",
}
