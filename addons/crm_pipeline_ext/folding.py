"""Names and numbers as people mean them, however they are written.

Persian and Arabic keyboards write the same letter in several ways, and so do people:
two texts that fold to the same are the same name. Pure functions, without Odoo.
"""

import re
import unicodedata

# Letters that are one in Persian, after decomposition and without their marks.
LETTERS = {
    "ي": "ی",  # Arabic yeh
    "ى": "ی",  # alef maksura
    "ې": "ی",
    "ك": "ک",  # Arabic kaf
    "ڪ": "ک",
    "ة": "ه",  # teh marbuta
    "ۀ": "ه",
    "ە": "ه",
    "ہ": "ه",
    "ھ": "ه",
    "ۃ": "ه",
    "ٱ": "ا",  # alef wasla
    "ـ": "",  # tatweel
}
# Vowel signs, hamzas and maddas that stand on another letter, Koranic marks.
MARKS = (
    *range(0x0610, 0x061B),
    *range(0x064B, 0x0660),
    0x0670,
    *range(0x06D6, 0x06ED),
)
# What is not seen: joiners (ZWNJ), directions, soft hyphens.
INVISIBLE = (
    0x00AD,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
)
DIGITS = {ord(zero) + digit: str(digit) for zero in "٠۰" for digit in range(10)}
DROPPED = dict.fromkeys((*MARKS, *INVISIBLE), "")
TABLE = {**DROPPED, **DIGITS, **{ord(key): value for key, value in LETTERS.items()}}
NO_NUMBER = re.compile(r"[\W_]+")


def fold_name(text):
    """:return: ``text`` in one way of writing: letter forms, digits, case, spaces

    Letters of other scripts keep their marks: they make another letter of them, as in
    Mongolian «й» and «и».
    """
    text = (text or "").casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).translate(TABLE)
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def fold_number(text):
    """:return: the letters and digits of a company's number, upper case; nothing if
    it has no digit but zeros, as in what people write where they have no number
    """
    number = NO_NUMBER.sub("", fold_name(text)).upper()
    return number if any(digit in "123456789" for digit in number) else ""
