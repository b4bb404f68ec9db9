"""Where a text is about: streets with houses, crossings, landmarks; by rules, and by the city's gazetteer if given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, pairwise

from otklik.triage.gazetteer import DISTRICT_TYPES, NOT_NAMES, STREET_TYPES, Found, Gazetteer, ending_off
from otklik.triage.verdict import Place
from otklik.triage.words import Memory, Reading, Script, normal

_S = "[ \t]{0,3}"
"""Few spaces, so that a page of them is passed at once."""
_NEAR = r"(?:(?:у|возле|около|напротив|перед|за|в|во[ ]дворе)[ ]{1,3}(?=(?:дом\w{0,2}|д)\b))?"
"""«на Садовой у дома 12»: the house is as near as if it were named at once."""
_HOUSE = re.compile(
    rf"""{_S},?{_S}{_NEAR}(?:\b(?:дом(?:а|е|у|ов|ах)?|д|house)\b\.?|№)?{_S}(?:№|номер\b|n\b)?{_S}
    (?P<house>\d{{1,4}}
    (?:-?[а-еa-e](?!\w)|[ ][бгдеbcde](?!\w)|[ ](?-i:[АВ])(?!\w)|[ ][авa](?=[,.;)]|$))?
    (?:[ ]?/[ ]?\d{{1,4}}[а-еa-e]?(?!\w))?
    (?:[ ]?,?[ ]?(?:к|корп|корпус|стр|строение)\.?[ ]?\d{{1,3}})?)
    (?![\d:%]|[.,]\d|-?(?:й|го|ый|ой|я|ую|летия)\b
    |[ ]?(?:лет|год|г\b|дн|день|раз|мин|час|руб|тыс|км|метр|м\b|человек|числ|сантим|см\b|ма[яй]\b|проц|шт\b)
    |[ ]?(?:январ|феврал|март|апрел|июн|июл|август|сентябр|октябр|ноябр|декабр))""",
    re.IGNORECASE | re.VERBOSE,
)
_EXPLICIT_HOUSE = re.compile(rf"{_S},?{_S}{_NEAR}(?:д|дом\w{{0,2}})\b\.?|{_S},{_S}", re.IGNORECASE)
_JOINT = re.compile(r"[ ,.]{0,3}(?:и|/|угол|с|and|&|пересечени\w+\s+с)?[ ]{0,3}(?:с[ ]{1,3})?", re.IGNORECASE)
_CROSSING_WORD = re.compile(r"угол|углу|пересечен|перекр[её]ст|corner|intersection|crossing", re.IGNORECASE)
_ADJECTIVE = re.compile(r"(?:ая|яя|ой|ей|ую|юю)$")
_GENITIVE = re.compile(r"(?:ина|ова|ева|ого|ко|ича|а|я|ы|и)$")
_NAMED_AFTER = re.compile(r"(?:ина|ова|ева|ского|ого)$")
_INITIAL = re.compile(r"^[А-ЯЁ]$")
_ORDINAL = re.compile(r"^(\d{1,3})(?:-?(?:й|я|го|ая|ый|ой|летия)|-(?:м|му|ом))?$", re.IGNORECASE)
_BESIDE = frozenset("у возле около напротив рядом за перед в недалеко от до near opposite behind next".split())
"""The words that a landmark may follow: only there is it looked for."""
_LANDMARK = re.compile(
    r"""(?:у|возле|около|напротив|рядом[ ]с(?:о)?|за|перед|в[ ]районе|недалеко[ ]от|от|до
    |near|opposite|behind|next[ ]to)[ ]{1,3}(?:the[ ])?
    (?P<mark>(?:(?:детск\w+|автобусн\w+|центральн\w+|город\w+|железнодорожн\w+)[ ])?
    (?:школ[ыуеой]\w?|(?:дет)?сад(?:а|у|ом|ик\w*)|поликлиник\w{1,2}|больниц\w{1,2}|парк(?:а|у|ом)|вокзал(?:а|у|ом)
    |рынк(?:а|у|ом)|магазин(?:а|у|ом)|мост(?:а|у|ом)|церк\w+|храм(?:а|у|ом)|стадион(?:а|у|ом)|гимнази\w{1,2}
    |лице[йяюем]{1,2}|аптек\w{1,2}|кладбищ\w{1,2}|почт\w{1,2}|музе\w{1,2}|библиотек\w{1,2}
    |school|park|station|hospital|clinic|kindergarten|bridge|market|church|library)
    (?:[ ]?(?:№|N|no\.?|\#)?[ ]?\d{1,4}\b)?(?:[ ][«"][^»"\n]{2,40}[»"])?
    |[«"][^»"\n]{2,40}[»"]|(?-i:[А-ЯЁ][а-яё]{3,}))""",
    re.IGNORECASE | re.VERBOSE,
)
_HOUSE_BEFORE = re.compile(
    r"\b(?:дом\w{0,2}|д)\b\.?[ ]*№?[ ]*(?P<house>\d{1,4}[а-е]?(?:/\d{1,4}[а-е]?)?)[ ,]+(?:по|на)[ ]+$", re.IGNORECASE
)
_ENGLISH_TYPE = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Square|Sq|Court|Ct|Parkway|Highway|Expressway)"
)
_ENGLISH = re.compile(
    rf"(?:\b(?P<house>\d{{1,5}}[A-Za-z]?(?:-\d{{1,4}})?)\s{{1,3}})?"
    rf"\b(?P<street>(?:[A-Z0-9][\w'.-]{{0,30}}\s{{1,3}}){{1,3}}?{_ENGLISH_TYPE})\b"
)
_ENGLISH_TYPES = frozenset(_ENGLISH_TYPE[3:-1].lower().split("|"))
_GLUED = re.compile(r"([^\W\d_]{4,})\d{1,3}[а-яa-z]?$", re.IGNORECASE)
_MONTH = re.compile(r"январ|феврал|март|апрел|ма[яй]$|июн|июл|август|сентябр|октябр|ноябр|декабр")
_PAPER = re.compile(r"закон|стат[ьеи]|кодекс|пункт|част[ьи]|постановлен|приказ|указа?$|федеральн|конституци|правил")
"""«Статьёй 28 Закона № 1» is no house in a street named for the 28th of something."""
_SPOKEN_OF = frozenset("на по улице улица с".split())
_CROSSING_REACH = 30


@dataclass(frozen=True, slots=True)
class _Named:
    """A street's name in the text, from its first to its last character, before a house is looked for."""

    street: str
    start: int
    end: int
    sure: bool


def find(reading: Reading, gazetteer: Gazetteer | None = None) -> Place | None:
    """Return the place that says most: a street with a house, then a crossing, a street, a landmark; or None."""
    return look(reading, gazetteer)[0]


def find_all(reading: Reading, gazetteer: Gazetteer | None = None) -> list[Place]:
    """Return every street of the text, with its house where one is named, in the text's order. No landmarks."""
    named = _streets(reading, gazetteer)
    return [place for one in named if (place := _with_house(reading.text, one))]


def look(reading: Reading, gazetteer: Gazetteer | None = None) -> tuple[Place | None, list[Place]]:
    """Return what `find` and `find_all` would, for the price of one."""
    named = _streets(reading, gazetteer)
    places = [place for one in named if (place := _with_house(reading.text, one))]
    for place in places:
        if place.house:
            return place, places
    best = _crossing(reading.text, named) or (places[0] if places else None)
    return best or _english(reading) or _landmark(reading), places


def _streets(reading: Reading, gazetteer: Gazetteer | None) -> list[_Named]:
    has_type = not STREET_TYPES.isdisjoint(reading.forms)
    types = [at for at, form in enumerate(reading.forms) if form in STREET_TYPES] if has_type else []
    begins = set(compress(range(len(reading)), map(_MAY_NAME.__getitem__, reading.raws)))
    begins.update(types, (at - 1 for at in types if at), gazetteer.begins(reading) if gazetteer else ())
    found: list[_Named] = []
    free = 0
    for index in sorted(begins):
        if index < free:
            continue
        named, used = _street_at(reading, index, gazetteer)
        if named and (not found or named.start >= found[-1].end):
            found.append(named)
            free = index + used
    return found


def _may_name(raw: str) -> bool:
    """Return whether a word may be a street's name by its looks: capital with a name's ending, or a number."""
    if _ORDINAL.match(raw):
        return True
    named = raw[0].isupper() and len(raw) >= 4 and normal(raw) not in NOT_NAMES
    return named and bool(_ADJECTIVE.search(raw) or _GENITIVE.search(raw))


_MAY_NAME: Memory[bool] = Memory(_may_name)


def _street_at(reading: Reading, index: int, gazetteer: Gazetteer | None) -> tuple[_Named | None, int]:
    """Return the street whose mention begins at this word, and how many words it takes."""
    text, form = reading.text, reading.forms[index]
    if form in STREET_TYPES:
        known = gazetteer.at(reading, index) if gazetteer else None
        if known and known.length > 1:
            return _known(reading, index, known), known.length
        return _after_type(reading, index, gazetteer)
    following = reading.forms[index + 1] if index + 1 < len(reading) else ""
    if following in STREET_TYPES and _named_like(reading, index):
        if form in NOT_NAMES or reading.gaps[index + 1].strip():
            return None, 1
        if form.isdigit() and following not in DISTRICT_TYPES:
            return None, 1
        known = gazetteer.at(reading, index, misspelt=True) if gazetteer else None
        name = known.name if known else _district_or(reading.raws[index])
        return _Named(name, reading.starts[index], reading.ends[index + 1], sure=True), 2
    known = gazetteer.at(reading, index) if gazetteer else None
    if known:
        named = _known(reading, index, known)
        capital = reading.raws[index][0].isupper() or reading.raws[index][0].isdigit()
        return (named, known.length) if capital or _HOUSE.match(text, named.end) else (None, 1)
    if _ORDINAL.match(reading.raws[index]):
        return _numbered(reading, index)
    return _bare(reading, index, gazetteer), 1


def _numbered(reading: Reading, index: int) -> tuple[_Named | None, int]:
    """Return «50 лет Октября», «5 Армии», «9 Мая» without the word street; a date is none."""
    last = index + 1
    if last < len(reading) and reading.forms[last] == "лет":
        last += 1
    if last >= len(reading) or not reading.raws[last][0].isupper() or len(reading.raws[last]) < 3:
        return None, 1
    if reading.words[last].script is not Script.CYRILLIC or _PAPER.match(reading.forms[last]):
        return None, 1
    if any(reading.gaps[at] != " " for at in range(index + 1, last + 1)):
        return None, 1
    house = _HOUSE.match(reading.text, reading.ends[last])
    spoken_of = index > 0 and reading.forms[index - 1] in _SPOKEN_OF
    a_date = last == index + 1 and bool(_MONTH.match(reading.forms[last]))
    a_year = house is not None and len(house["house"]) > 3
    if a_year or not (house if a_date else house or spoken_of):
        return None, 1
    start, end = reading.starts[index], reading.ends[last]
    return _Named(reading.text[start:end], start, end, sure=not a_date), last - index + 1


def _district_or(name: str) -> str:
    """Return «6 микрорайон» for a bare number, «6-м» too: districts are numbered, streets have names."""
    number = _ORDINAL.match(name)
    return f"{number[1]} микрорайон" if number else name


def _known(reading: Reading, index: int, known: Found) -> _Named:
    return _Named(known.name, reading.starts[index], reading.ends[index + known.length - 1], sure=True)


def _named_like(reading: Reading, index: int) -> bool:
    raw = reading.raws[index]
    return raw[0].isupper() or reading.forms[index].isdigit() or bool(_ORDINAL.match(reading.forms[index]))


def _after_type(reading: Reading, index: int, gazetteer: Gazetteer | None) -> tuple[_Named | None, int]:
    """Return the street named after its type: «ул. Гагарина», «пр-т 50 лет Октября», «мкр 6»."""
    start = index + 1
    if start >= len(reading) or reading.gaps[start].strip(' ."«'):
        return None, 1
    begin = reading.starts[index]
    known = gazetteer.at(reading, start, misspelt=True) if gazetteer else None
    if known:
        last = start + known.length - 1
        return _Named(known.name, begin, reading.ends[last], sure=True), known.length + 1
    if glued := _GLUED.match(reading.raws[start]):
        name = glued[1]
        return _Named(name, begin, reading.starts[start] + len(name), sure=True), 2
    last_name = _name_end(reading, start, district=reading.forms[index] in DISTRICT_TYPES)
    if last_name is None:
        return None, 1
    name = _district_or(reading.text[reading.starts[start] : reading.ends[last_name]])
    return _Named(name, begin, reading.ends[last_name], sure=True), last_name - index + 1


def _name_end(reading: Reading, start: int, *, district: bool) -> int | None:
    """Return the last word of a name that begins at `start`, or None if no name begins there."""
    raw, form = reading.raws[start], reading.forms[start]
    if form in NOT_NAMES and not district:
        return None
    if _ORDINAL.match(raw):
        if district:
            return start
        following = range(start + 1, min(start + 3, len(reading)))
        return next((at for at in following if reading.raws[at][0].isupper()), None)
    if not raw[0].isupper():
        cyrillic = reading.words[start].script is Script.CYRILLIC
        return start if cyrillic and _street_like(raw) and len(raw) > 4 else None
    second = start + 1
    if second < len(reading) and reading.raws[second][0].isupper():
        between = reading.gaps[second]
        initial = bool(_INITIAL.match(raw))
        joins = between == " " or (initial and between.strip() in {".", ""})
        plain = reading.forms[second] not in NOT_NAMES and not _ADJECTIVE.search(form)
        if joins and plain and (initial or _GENITIVE.search(form)):
            return second
    return start


def _street_like(word: str) -> bool:
    return bool(_ADJECTIVE.search(word) or _NAMED_AFTER.search(word))


def _bare(reading: Reading, index: int, gazetteer: Gazetteer | None) -> _Named | None:
    """Return a capitalised name that only its house or a crossing makes a street: «на Садовой 12», «угол Лесной»."""
    raw = reading.raws[index]
    if not _MAY_NAME[raw] or reading.words[index].script is not Script.CYRILLIC:
        return None
    text, start, end = reading.text, reading.starts[index], reading.ends[index]
    if _HOUSE.match(text, end):
        known = gazetteer.at(reading, index, misspelt=True) if gazetteer else None
        if known and known.length == 1:
            return _Named(known.name, start, end, sure=True)
        if _ADJECTIVE.search(raw) or (_GENITIVE.search(raw) and _EXPLICIT_HOUSE.match(text, end)):
            return _Named(raw, start, end, sure=False)
    if _street_like(raw) and _CROSSING_WORD.search(text, max(0, start - _CROSSING_REACH), start):
        return _Named(raw, start, end, sure=False)
    return None


def _with_house(text: str, named: _Named) -> Place | None:
    if after := _HOUSE.match(text, named.end):
        end = after.end("house")
        return Place(named.street, after["house"].strip(), text[named.start : end], named.start, end)
    if before := _HOUSE_BEFORE.search(text, max(0, named.start - _CROSSING_REACH), named.start):
        raw = text[before.start() : named.end]
        return Place(named.street, before["house"], raw, before.start(), named.end)
    return Place(named.street, "", text[named.start : named.end], named.start, named.end) if named.sure else None


def _crossing(text: str, named: Sequence[_Named]) -> Place | None:
    for first, second in pairwise(named):
        between = text[first.end : second.start]
        told = _CROSSING_WORD.search(text, max(0, first.start - _CROSSING_REACH), second.start)
        if told and _JOINT.fullmatch(between) and ending_off(first.street) != ending_off(second.street):
            raw = text[first.start : second.end]
            return Place(first.street, "", raw, first.start, second.end, crossing=second.street)
    return None


def _english(reading: Reading) -> Place | None:
    if _ENGLISH_TYPES.isdisjoint(reading.forms):
        return None
    text = reading.text
    found = list(_ENGLISH.finditer(text))
    for first, second in pairwise(found):
        told = _CROSSING_WORD.search(text, max(0, first.start() - _CROSSING_REACH), second.start())
        if told and _JOINT.fullmatch(text, first.end(), second.start()):
            raw = text[first.start() : second.end()]
            return Place(first["street"], "", raw, first.start(), second.end(), crossing=second["street"])
    best = next((match for match in found if match["house"]), found[0] if found else None)
    if best is None:
        return None
    return Place(best["street"], best["house"] or "", best.group(), best.start(), best.end())


def _landmark(reading: Reading) -> Place | None:
    if _BESIDE.isdisjoint(reading.forms):
        return None
    for at, form in enumerate(reading.forms):
        if form in _BESIDE and (match := _LANDMARK.match(reading.text, reading.starts[at])):
            mark = match["mark"].strip()
            return Place("", "", mark, match.start("mark"), match.start("mark") + len(mark), landmark=mark)
    return None
