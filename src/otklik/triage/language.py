"""The language of a text: script and telling letters first, then the commonest words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from otklik.triage.words import Script, Token

UNKNOWN = "und"

_LETTERS = {
    "uk": "іїєґ", "be": "ў", "kk": "ұ", "ba": "ҙҡҫ", "tt": "җ", "sr": "јљњђћџ", "ky": "ңөү", "tg": "ҳҷӣӯ",
}  # fmt: skip
_COMMON_CYRILLIC = {
    "uk": "що це як та немає вулиця вулиці будь ласка дякую коли чому мене нас треба",
    "kk": "және бұл емес үшін бар жоқ рахмет көше",
    "tt": "һәм бу түгел өчен бар юк рәхмәт урам",
    "bg": "съм това какво има няма благодаря улица улицата",
}
_COMMON_LATIN = {
    "en": "the a an is are was were this that there here and or of to in on at for with it my our your not no please has have had be been when where why street road near by from out request they we i you",
    "de": "der die das und ist nicht ein eine ich wir sie bitte mit auf für von zu den dem straße wann warum kein",
    "fr": "le la les des est et un une je nous vous pas pour dans sur avec du au aux rue merci quand ne que qui",
    "es": "el la los las es y un una yo nosotros por favor para en con del al calle gracias cuando no que está hay",
    "it": "il lo gli della è e un una io noi per favore con del nella strada grazie quando non che sono",
    "pt": "o os as é um uma eu nós por favor para em com do da rua obrigado quando não que está há",
    "tr": "ve bir bu için ile değil var yok lütfen sokak ne zaman çok teşekkürler neden bizim",
    "uz": "va bu uchun bilan emas bor yo'q iltimos ko'cha qachon rahmat nima",
    "pl": "i w na nie jest się że do proszę ulica kiedy dziękuję dlaczego jak",
}
_SCRIPTS = (
    ("ka", "\u10a0", "\u10ff"), ("hy", "\u0530", "\u058f"), ("he", "\u0590", "\u05ff"), ("ar", "\u0600", "\u06ff"),
    ("hi", "\u0900", "\u097f"), ("th", "\u0e00", "\u0e7f"), ("el", "\u0370", "\u03ff"), ("ja", "\u3040", "\u30ff"),
    ("ko", "\uac00", "\ud7af"), ("zh", "\u4e00", "\u9fff"),
)  # fmt: skip
_CYRILLIC_WORDS = {word: code for code, words in _COMMON_CYRILLIC.items() for word in words.split()}
_LATIN_WORDS: dict[str, list[str]] = {}
for _code, _words in _COMMON_LATIN.items():
    for _word in _words.split():
        _LATIN_WORDS.setdefault(_word, []).append(_code)


def detect(tokens: Sequence[Token]) -> str:
    """Return an ISO 639-1 code, or "und" where there is no word. Ambiguous Cyrillic is "ru", ambiguous Latin "en"."""
    letters = {Script.CYRILLIC: 0, Script.LATIN: 0, Script.OTHER: 0, Script.NONE: 0}
    for token in tokens:
        letters[token.word.script] += len(token.word.form)
    letters[Script.NONE] = 0
    script = max(letters, key=lambda script: letters[script])
    if letters[script] == 0:
        return UNKNOWN
    forms = [token.word.form for token in tokens if token.word.script is script]
    if script is Script.CYRILLIC:
        return _cyrillic(forms)
    return _latin(forms) if script is Script.LATIN else _other(forms)


def _cyrillic(forms: Sequence[str]) -> str:
    votes: Counter[str] = Counter()
    for form in forms:
        if form in _CYRILLIC_WORDS:
            votes[_CYRILLIC_WORDS[form]] += 1
        if not form.isascii() and not _only_russian(form):
            votes.update(code for code, letters in _LETTERS.items() if any(letter in form for letter in letters))
    if not votes:
        return "ru"
    code, count = votes.most_common(1)[0]
    return code if count * 6 >= len(forms) else "ru"


def _only_russian(form: str) -> bool:
    return all("а" <= char <= "я" or char == "-" for char in form)


def _latin(forms: Sequence[str]) -> str:
    votes: Counter[str] = Counter()
    for form in forms:
        votes.update(_LATIN_WORDS.get(form, ()))
    if not votes:
        return "en"
    best, count = votes.most_common(1)[0]
    return best if count > votes["en"] and count >= 2 else "en"


def _other(forms: Sequence[str]) -> str:
    char = next(char for form in forms for char in form if char.isalpha())
    return next((code for code, first, last in _SCRIPTS if first <= char <= last), UNKNOWN)
