"""A table of text for a terminal: columns of numbers beside names of rows."""

GAP = "  "
LONGEST = 40


def number(value, digits, scale=1):
    """Write a number; a dash where there is none.

    Parameters
    ----------
    value : float
    digits : int
        Behind the point.
    scale : float, default=1

    Returns
    -------
    text : str
    """
    return "-" if value != value else f"{value * scale:.{digits}f}"


def mean_with_spread(mean, low, high, digits, scale=1):
    """Write a mean and half the width of its interval, where there is one.

    Parameters
    ----------
    mean, low, high : float
    digits : int
    scale : float, default=1

    Returns
    -------
    text : str
        Such as "6.20 ±0.15".
    """
    text = number(mean, digits, scale)
    spread = (high - low) / 2
    return text if spread != spread else f"{text} ±{number(spread, digits, scale)}"


def shortened(name):
    """Cut a name that would leave no room for numbers.

    Parameters
    ----------
    name : str

    Returns
    -------
    name : str
        Of at most 40 characters.
    """
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"


def text_table(names, groups, blocks, width):
    """Put cells below headings; what is too wide goes on below.

    Parameters
    ----------
    names : list of str
        Of the rows.
    groups : list of list of list of str
        Columns, each two lines of heading, then a cell for every row. Those of one group are
        parted only if they are too wide together.
    blocks : list of int
        Numbers of rows that belong together; an empty line parts them.
    width : int
        Columns of the terminal.

    Returns
    -------
    text : str
        Ends in a newline.
    """
    left = max(map(len, names))
    parts, free = [], -1
    for group in groups:
        whole = sum(map(_width, group))
        for i, column in enumerate(group):
            if free < (whole if i == 0 and whole <= width - left else _width(column)):
                parts.append([])
                free = width - left
            parts[-1].append(column)
            free -= _width(column)
    starts = {2} | {2 + sum(blocks[: i + 1]) for i in range(len(blocks) - 1)}
    lines = []
    for part in parts:
        lines += [""] * bool(lines)
        sizes = [max(map(len, column)) for column in part]
        for i, name in enumerate(["", "", *names]):
            cells = (column[i].rjust(size) for column, size in zip(part, sizes, strict=True))
            lines += [""] * (i in starts)
            lines.append(GAP.join([name.ljust(left), *cells]).rstrip())
    return "\n".join(lines) + "\n"


def _width(column):
    return len(GAP) + max(map(len, column))
