"""Guessing zones: where somebody may live, by their number or their language. Only ever a proposal."""

from __future__ import annotations

from collections.abc import Iterable

#: Calling codes of countries with one zone (or nearly so), and that zone.
CODES = {
    "48": "Europe/Warsaw", "49": "Europe/Berlin", "43": "Europe/Vienna", "41": "Europe/Zurich",
    "33": "Europe/Paris", "39": "Europe/Rome", "31": "Europe/Amsterdam", "32": "Europe/Brussels",
    "34": "Europe/Madrid", "44": "Europe/London", "353": "Europe/Dublin", "45": "Europe/Copenhagen",
    "46": "Europe/Stockholm", "47": "Europe/Oslo", "358": "Europe/Helsinki", "420": "Europe/Prague",
    "421": "Europe/Bratislava", "36": "Europe/Budapest", "40": "Europe/Bucharest",
    "359": "Europe/Sofia", "30": "Europe/Athens", "380": "Europe/Kyiv", "370": "Europe/Vilnius",
    "371": "Europe/Riga", "372": "Europe/Tallinn", "385": "Europe/Zagreb", "381": "Europe/Belgrade",
    "386": "Europe/Ljubljana", "352": "Europe/Luxembourg", "90": "Europe/Istanbul",
    "886": "Asia/Taipei", "852": "Asia/Hong_Kong", "853": "Asia/Macau", "86": "Asia/Shanghai",
    "81": "Asia/Tokyo", "82": "Asia/Seoul", "65": "Asia/Singapore", "66": "Asia/Bangkok",
    "84": "Asia/Ho_Chi_Minh", "63": "Asia/Manila", "91": "Asia/Kolkata", "92": "Asia/Karachi",
    "880": "Asia/Dhaka", "972": "Asia/Jerusalem", "971": "Asia/Dubai", "966": "Asia/Riyadh",
    "20": "Africa/Cairo", "27": "Africa/Johannesburg", "234": "Africa/Lagos", "254": "Africa/Nairobi",
    "54": "America/Argentina/Buenos_Aires", "57": "America/Bogota", "51": "America/Lima",
    "58": "America/Caracas", "598": "America/Montevideo", "64": "Pacific/Auckland",
}  # fmt: skip
#: Languages that are spoken, nearly, in one zone.
LANGUAGES = {
    "pl": "Europe/Warsaw", "cs": "Europe/Prague", "sk": "Europe/Bratislava", "hu": "Europe/Budapest",
    "de": "Europe/Berlin", "it": "Europe/Rome", "nl": "Europe/Amsterdam", "sv": "Europe/Stockholm",
    "da": "Europe/Copenhagen", "nb": "Europe/Oslo", "no": "Europe/Oslo", "fi": "Europe/Helsinki",
    "ro": "Europe/Bucharest", "bg": "Europe/Sofia", "el": "Europe/Athens", "uk": "Europe/Kyiv",
    "lt": "Europe/Vilnius", "lv": "Europe/Riga", "et": "Europe/Tallinn", "hr": "Europe/Zagreb",
    "sl": "Europe/Ljubljana", "tr": "Europe/Istanbul", "he": "Asia/Jerusalem", "ja": "Asia/Tokyo",
    "ko": "Asia/Seoul", "th": "Asia/Bangkok", "vi": "Asia/Ho_Chi_Minh", "zh-hant": "Asia/Taipei",
    "zh-hk": "Asia/Hong_Kong", "zh-tw": "Asia/Taipei", "zh-hans": "Asia/Shanghai",
    "zh-cn": "Asia/Shanghai", "hi": "Asia/Kolkata", "en-gb": "Europe/London", "fr-fr": "Europe/Paris",
    "es-es": "Europe/Madrid", "pt-pt": "Europe/Lisbon", "es-ar": "America/Argentina/Buenos_Aires",
}  # fmt: skip


def guess_zone(*, phones: Iterable[str] = (), language: str = "") -> str:
    """A time zone by one of these numbers (+48…), else by the language (BCP 47); "" where nothing tells it."""
    for phone in phones:
        digits = "".join(each for each in phone if each.isdigit())
        for length in (3, 2) if phone.startswith("+") else ():
            if zone := CODES.get(digits[:length]):
                return zone
    tag = language.lower()
    return LANGUAGES.get(tag) or LANGUAGES.get(tag.partition("-")[0], "")
