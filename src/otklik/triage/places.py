"""Where a text is about: streets with houses, crossings, landmarks; by rules, and by the city's gazetteer if given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from otklik.triage.gazetteer import DISTRICT_TYPES, NOT_NAMES, STREET_TYPES, Found, Gazetteer, ending_off
from otklik.triage.verdict import Place
from otklik.triage.words import Script, Token

_NEAR = r"(?:(?:у|возле|около|напротив|перед|за|в|во[ ]дворе)[ ]+(?=(?:дом\w{0,2}|д)\b))?"
"""«на Садовой у дома 12»: the house is as near as if it were named at once."""
_HOUSE = re.compile(
    rf"""[ ]*,?[ ]*{_NEAR}(?:\b(?:дом(?:а|е|у|ов|ах)?|д|house)\b\.?|№)?[ ]*№?[ ]*
    (?P<house>\d{{1,4}}(?:[ ]?-?[а-еa-e](?![\w]))?(?:[ ]?/[ ]?\d{{1,4}}[а-еa-e]?(?!\w))?
    (?:[ ]?,?[ ]?(?:к|корп|корпус|стр|строение)\.?[ ]?\d{{1,3}})?)
    (?![\d:%]|[.,]\d|-?(?:й|го|ый|ой|я|ую|летия)\b
    |[ ]?(?:лет|год|г\b|дн|день|раз|мин|час|руб|тыс|км|метр|м\b|человек|числ|сантим|см\b|ма[яй]\b)
    |[ ]?(?:январ|феврал|март|апрел|июн|июл|август|сентябр|октябр|ноябр|декабр))""",
    re.IGNORECASE | re.VERBOSE,
)
_EXPLICIT_HOUSE = re.compile(rf"[ ]*,?[ ]*{_NEAR}(?:д|дом\w{{0,2}})\b\.?|[ ]*,[ ]*", re.IGNORECASE)
_JOINT = re.compile(r"[ ,.]*(?:и|/|угол|с|and|&|пересечени\w+\s+с)?[ ]*(?:с[ ]+)?$", re.IGNORECASE)
_CROSSING_WORD = re.compile(r"угол|углу|пересечен|перекр[её]ст|corner|intersection|crossing", re.IGNORECASE)
_ADJECTIVE = re.compile(r"(?:ая|яя|ой|ей|ую|юю)$")
_GENITIVE = re.compile(r"(?:ина|ова|ева|ого|ко|ича|а|я|ы|и)$")
_INITIAL = re.compile(r"^[А-ЯЁ]$")
_ORDINAL = re.compile(r"^\d{1,3}(?:-?(?:й|я|го|ая|ый|ой|летия))?$", re.IGNORECASE)
_LANDMARK = re.compile(
    r"""\b(?:у|возле|около|напротив|рядом[ ]с(?:о)?|за|перед|в[ ]районе|недалеко[ ]от|от|до
    |near|opposite|behind|next[ ]to)[ ]+(?:the[ ]+)?
    (?P<mark>(?:(?:детск\w+|автобусн\w+|центральн\w+|город\w+|железнодорожн\w+)[ ]+)?
    (?:школ[ыуеой]\w?|(?:дет)?сад(?:а|у|ом|ик\w*)|поликлиник\w|больниц\w{1,2}|парк(?:а|у|ом)|вокзал(?:а|у|ом)
    |рынк(?:а|у|ом)|магазин(?:а|у|ом)|мост(?:а|у|ом)|церк\w+|храм(?:а|у|ом)|стадион(?:а|у|ом)|гимнази\w
    |лице[йяюем]{1,2}|аптек\w{1,2}|кладбищ\w{1,2}|почт\w{1,2}|музе\w{1,2}|библиотек\w{1,2}
    |school|park|station|hospital|clinic|kindergarten|bridge|market|church|library)
    (?:[ ]*(?:№|N|no\.?|\#)?[ ]?\d{1,4}\b)?(?:[ ]+[«"][^»"\n]{2,40}[»"])?
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
    rf"(?:\b(?P<house>\d{{1,5}}[A-Za-z]?(?:-\d{{1,4}})?)\s+)?\b(?P<street>(?:[A-Z0-9][\w'.-]*\s+){{1,3}}?{_ENGLISH_TYPE})\b"
)
_HAS_ENGLISH_TYPE = re.compile(rf"\b{_ENGLISH_TYPE}\b")
_CROSSING_REACH = 30


@dataclass(frozen=True, slots=True)
class _Named:
    """A street's name in the text, from its first to its last character, before a house is looked for."""

    street: str
    start: int
    end: int
    sure: bool


def find(text: str, tokens: Sequence[Token], gazetteer: Gazetteer | None = None) -> Place | None:
    """Return the place that says most: a street with a house, then a crossing, a street, a landmark; or None."""
    named = _streets(text, tokens, gazetteer)
    places = [place for one in named if (place := _with_house(text, one))]
    for place in places:
        if place.house:
            return place
    crossing = _crossing(text, named)
    if crossing:
        return crossing
    if places:
        return places[0]
    return _english(text) or _landmark(text)


def find_all(text: str, tokens: Sequence[Token], gazetteer: Gazetteer | None = None) -> list[Place]:
    """Return every street of the text, with its house where one is named, in the text's order. No landmarks."""
    named = _streets(text, tokens, gazetteer)
    return [place for one in named if (place := _with_house(text, one))]


def _streets(text: str, tokens: Sequence[Token], gazetteer: Gazetteer | None) -> list[_Named]:
    found: list[_Named] = []
    index = 0
    while index < len(tokens):
        named, used = _street_at(text, tokens, index, gazetteer)
        if named and (not found or named.start >= found[-1].end):
            found.append(named)
            index += used
        else:
            index += 1
    return found


def _street_at(
    text: str, tokens: Sequence[Token], index: int, gazetteer: Gazetteer | None
) -> tuple[_Named | None, int]:
    """Return the street whose mention begins at this token, and how many tokens it takes."""
    token = tokens[index]
    form = token.word.form
    if form in STREET_TYPES:
        known = gazetteer.at(tokens, index) if gazetteer else None
        if known and known.length > 1:
            return _known(tokens, index, known), known.length
        return _after_type(text, tokens, index, gazetteer)
    if index + 1 < len(tokens) and tokens[index + 1].word.form in STREET_TYPES and _named_like(text, token, form):
        if form in NOT_NAMES or text[token.end : tokens[index + 1].start].strip():
            return None, 1
        district = tokens[index + 1].word.form in DISTRICT_TYPES
        if form.isdigit() and not district:
            return None, 1
        known = gazetteer.at(tokens, index) if gazetteer else None
        name = known.name if known else _district_or(text[token.start : token.end])
        return _Named(name, token.start, tokens[index + 1].end, sure=True), 2
    known = gazetteer.at(tokens, index) if gazetteer else None
    if known:
        named = _known(tokens, index, known)
        capital = text[token.start].isupper() or text[token.start].isdigit()
        return (named, known.length) if capital or _HOUSE.match(text, named.end) else (None, 1)
    return _bare(text, tokens, index), 1


def _district_or(name: str) -> str:
    """Return «6 микрорайон» for a bare number: districts are numbered, streets have names."""
    return f"{name} микрорайон" if name.isdigit() else name


def _known(tokens: Sequence[Token], index: int, known: Found) -> _Named:
    return _Named(known.name, tokens[index].start, tokens[index + known.length - 1].end, sure=True)


def _named_like(text: str, token: Token, form: str) -> bool:
    return text[token.start].isupper() or form.isdigit() or bool(_ORDINAL.match(form))


def _after_type(
    text: str, tokens: Sequence[Token], index: int, gazetteer: Gazetteer | None
) -> tuple[_Named | None, int]:
    """Return the street named after its type: «ул. Гагарина», «пр-т 50 лет Октября», «мкр 6»."""
    start = index + 1
    if start >= len(tokens) or text[tokens[index].end : tokens[start].start].strip(' ."«'):
        return None, 1
    known = gazetteer.at(tokens, start) if gazetteer else None
    if known:
        last = start + known.length - 1
        return _Named(known.name, tokens[index].start, tokens[last].end, sure=True), known.length + 1
    last_name = _name_end(text, tokens, start, district=tokens[index].word.form in DISTRICT_TYPES)
    if last_name is None:
        return None, 1
    name = _district_or(text[tokens[start].start : tokens[last_name].end])
    return _Named(name, tokens[index].start, tokens[last_name].end, sure=True), last_name - index + 1


def _name_end(text: str, tokens: Sequence[Token], start: int, *, district: bool) -> int | None:
    """Return the last token of a name that begins at `start`, or None if no name begins there."""
    first = tokens[start]
    raw = text[first.start : first.end]
    if first.word.form in NOT_NAMES and not district:
        return None
    if _ORDINAL.match(raw):
        if district:
            return start
        for at in range(start + 1, min(start + 3, len(tokens))):
            if text[tokens[at].start].isupper():
                return at
        return None
    if not raw[0].isupper():
        return start if first.word.script is Script.CYRILLIC and _street_like(raw) and len(raw) > 4 else None
    following = start + 1
    if following < len(tokens) and text[tokens[following].start].isupper():
        between = text[first.end : tokens[following].start]
        joins = between == " " or (bool(_INITIAL.match(raw)) and between.strip() in {".", ""})
        plain = tokens[following].word.form not in NOT_NAMES and not _ADJECTIVE.search(first.word.form)
        if joins and plain and (_INITIAL.match(raw) or _GENITIVE.search(first.word.form)):
            return following
    return start


def _street_like(word: str) -> bool:
    return bool(_ADJECTIVE.search(word) or re.search(r"(?:ина|ова|ева|ского|ого)$", word))


def _bare(text: str, tokens: Sequence[Token], index: int) -> _Named | None:
    """Return a capitalised name that only its house or a crossing makes a street: «на Садовой 12», «угол Лесной»."""
    token = tokens[index]
    raw = text[token.start : token.end]
    if not raw[0].isupper() or len(raw) < 4 or token.word.script is not Script.CYRILLIC or token.word.form in NOT_NAMES:
        return None
    house = _HOUSE.match(text, token.end)
    if house and (_ADJECTIVE.search(raw) or (_GENITIVE.search(raw) and _EXPLICIT_HOUSE.match(text, token.end))):
        return _Named(raw, token.start, token.end, sure=False)
    if _street_like(raw) and _CROSSING_WORD.search(text, max(0, token.start - _CROSSING_REACH), token.start):
        return _Named(raw, token.start, token.end, sure=False)
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
        if told and _JOINT.match(between) and ending_off(first.street) != ending_off(second.street):
            raw = text[first.start : second.end]
            return Place(first.street, "", raw, first.start, second.end, crossing=second.street)
    return None


def _english(text: str) -> Place | None:
    if not _HAS_ENGLISH_TYPE.search(text):
        return None
    found = list(_ENGLISH.finditer(text))
    for first, second in pairwise(found):
        told = _CROSSING_WORD.search(text, max(0, first.start() - _CROSSING_REACH), second.start())
        if told and _JOINT.match(text[first.end() : second.start()]):
            raw = text[first.start() : second.end()]
            return Place(first["street"], "", raw, first.start(), second.end(), crossing=second["street"])
    best = next((match for match in found if match["house"]), found[0] if found else None)
    if best is None:
        return None
    return Place(best["street"], best["house"] or "", best.group(), best.start(), best.end())


def _landmark(text: str) -> Place | None:
    match = _LANDMARK.search(text)
    if match is None:
        return None
    mark = match["mark"].strip()
    return Place("", "", mark, match.start("mark"), match.start("mark") + len(mark), landmark=mark)
