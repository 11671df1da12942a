"""Detecting: the language of a text, cheaply and locally, or "" where it is not clear.

By script first; among languages of one script by their commonest words and their own letters.
Good enough for the `lang` of an element and for choosing stems: a wrong guess costs a word form,
an unclear one costs nothing.
"""

from __future__ import annotations

import re

from rapport.kernel.text.characters import HAN, exclusive_han, shinjitai

_SAMPLE = 600
_ENOUGH = 150
_WORDS = {
    "en": "the and you is to of for it my not have are was with this that can please your but we "
    "thanks hello when what been will from order how do does where there has i'm i "
    "order refund invoice delivery account password received",
    "pl": "nie jest się na że do to czy jak mam moje mój proszę za dla od jestem był była przez "
    "po ale już co są dzień dobry tak mi mogę został gdzie z w i dzien prosze sie ze juz ktory "
    "dziękuję dziekuje pan pani witam kiedy oraz lub moja "
    "zamówienie zamowienie zamówienia paczka faktura zwrot reklamacja konto przesyłka hasło",
    "de": "der die das und ist nicht ich sie wir mit für auf ein eine zu den von dem habe bitte "
    "auch wie aber wurde kann mir mein meine haben es im guten danke noch sehr bei hallo "
    "bestellung rechnung lieferung",
    "fr": "le la les et est je vous nous pas que une des du pour dans avec sur ce mon ma bonjour "
    "merci ai été mais suis votre il elle ne qui sont au j'ai c'est comment commande",
    "es": "el los las y que es no por para con una mi un se me lo hola gracias pero está como "
    "muy ha pedido cuando usted su del donde estoy tengo qué cómo",
    "it": "il lo gli e che è non per con una mi di un sono ho ciao grazie ma come ordine della "
    "nel alla quando mio mia questo buongiorno del ancora dove",
    "pt": "o os as e que é não por para com uma meu minha um do da no na eu olá obrigado obrigada "
    "mas está como muito foi quando você seu pedido onde ainda são",
    "nl": "de het een en is niet ik u wij met voor op van dat te mijn maar ook heb kan bestelling "
    "wat naar bij graag er zijn aan nog hoe wanneer bedankt goedendag",
    "cs": "je se na že to jsem mi ale jak pro není dobrý den prosím děkuji kdy kde už byl byla "
    "jsou nebo objednávka můj moje při jen také by s a v",
    "sv": "och är det att jag på inte en som för med har till av den min mitt men hej tack när "
    "var från ni kan om ett vill",
    "hu": "a az és nem van hogy egy is meg de ez mit kérem köszönöm jó napot mikor hol még már "
    "volt én ha csak kell",
    "ro": "și este nu că în pe cu la un o mai am sunt pentru din dar când unde comanda vă mulțumesc "
    "bună ziua care să ce",
    "tr": "ve bir bu için ne çok ama var yok mı mi değil ile merhaba teşekkürler sipariş nasıl "
    "ben siz lütfen zaman gibi daha kadar",
}
_LETTERS = {
    "pl": "ąćęłńśźż",
    "de": "äöüß",
    "fr": "àâçèêëîïôùûœ",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "cs": "ěřůčďťňš",
    "sv": "å",
    "hu": "őű",
    "ro": "ăâîșțşţ",
    "tr": "ğışİ",
}
_WHOLE_VOTE = 2520  # integers, so that no order of adding up decides
_OWN_LETTER = 3780
_MOST_OF_LETTERS = 2 * _WHOLE_VOTE


def _shares(lists: dict[str, list[str]], whole: int) -> dict[str, list[tuple[str, int]]]:
    """For each word or letter the languages that have it and what it counts for each of them."""
    owners: dict[str, list[str]] = {}
    for language, things in lists.items():
        for thing in things:
            owners.setdefault(thing, []).append(language)
    return {
        thing: [(language, whole // len(languages)) for language in languages]
        for thing, languages in owners.items()
    }


_VOTES = _shares({language: words.split() for language, words in _WORDS.items()}, _WHOLE_VOTE)
_OWNERS = _shares({language: list(letters) for language, letters in _LETTERS.items()}, _OWN_LETTER)

_LAST_LATIN = "\u036f"
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_ASCII_WORD = re.compile("[a-z]+(?:'[a-z]+)?")
_BEYOND_LATIN = re.compile("[\u0370-\u1dff\u2e80-\ud7ff\uf900-\uffef\U00020000-\U0003ffff]+")
_LATIN_LETTERS = re.compile("[a-z\u00df-\u024f]+")
_LETTER = re.compile(r"[^\W\d_]")
_HAN = re.compile(f"[{HAN}]")
_NOISE = re.compile(r"https?://\S+|\S+@\S+|&\w+;|<[^<>]{1,200}>")
_SCRIPTS = [
    ("ja", re.compile("[\u3041-\u30fa\u30fc\uff66-\uff9d]")),
    ("ko", re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")),
    ("th", re.compile("[\u0e01-\u0e4e]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ar", re.compile("[\u0600-\u06ff\u0750-\u077f]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
]
_UKRAINIAN, _PERSIAN = re.compile("[іїєґ]"), re.compile("[پچژگکی]")


def detect_language(text: str) -> str:
    """The language of a text as a BCP 47 tag (`en`, `pl`, `zh-Hant`, `ja` …), or "" if unclear.

    Only the first 600 characters count. Never fails.
    """
    sample = text[:_SAMPLE]
    if "@" in sample or "/" in sample or "&" in sample or "<" in sample:
        sample = _NOISE.sub(" ", sample)
    sample = sample.lower()
    if sample.isascii():
        return _by_words(set(_ASCII_WORD.findall(sample)), set())
    letters = set(sample)
    if max(letters) > _LAST_LATIN:
        beyond = "".join(_BEYOND_LATIN.findall(sample))
        # one Chinese character says what three letters say
        if beyond and len(beyond) * 3 >= _latin_letters(sample):
            return _by_script(beyond[:_ENOUGH])
    return _by_words(set(_LATIN_WORD.findall(sample)), letters)


def _latin_letters(sample: str) -> int:
    return len("".join(_LATIN_LETTERS.findall(sample)))


def _by_script(sample: str) -> str:
    """The language of letters beyond Latin."""
    han = _HAN.findall(sample)
    if han and len(han) == len(_LETTER.findall(sample)):
        return _chinese_or_japanese(han)
    counts = {name: len(letters.findall(sample)) for name, letters in _SCRIPTS}
    best = max(counts, key=counts.__getitem__)
    if len(han) > counts[best] * 4 or (best != "ja" and len(han) > counts[best]):
        return _chinese_or_japanese(han)
    if best == "ru" and _UKRAINIAN.search(sample):
        return "uk"
    if best == "ar" and _PERSIAN.search(sample):
        return "fa"
    return best if counts[best] else ""


def _chinese_or_japanese(han: list[str]) -> str:
    """Which way of writing Han characters has most characters that are its own."""
    found = set(han)
    traditional, simplified = (len(found & own) for own in exclusive_han())
    if len(found & shinjitai()) > traditional + simplified:
        return "ja"
    if traditional == simplified:
        return "zh"
    return "zh-Hant" if traditional > simplified else "zh-Hans"


def _by_words(words: set[str], letters: set[str]) -> str:
    """The language with most votes of common words and own letters, if it leads clearly."""
    votes = _votes(_VOTES, words)
    for language, owned in _votes(_OWNERS, letters).items():
        # a name (Łódź, Zoë) has letters of another language: a few common words outvote it
        votes[language] = votes.get(language, 0) + min(owned, _MOST_OF_LETTERS)
    if not votes:
        return ""
    ranked = sorted(votes.values(), reverse=True)
    lead = ranked[0] - (ranked[1] if len(ranked) > 1 else 0)
    if ranked[0] < _WHOLE_VOTE or lead < _WHOLE_VOTE / 2:
        return ""
    return max(votes, key=votes.__getitem__)


def _votes(known: dict[str, list[tuple[str, int]]], said: set[str]) -> dict[str, int]:
    votes: dict[str, int] = {}
    for thing in said & known.keys():
        for language, share in known[thing]:
            votes[language] = votes.get(language, 0) + share
    return votes
