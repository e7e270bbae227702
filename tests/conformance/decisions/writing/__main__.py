"""Writes every file of vectors anew."""

from tests.conformance.decisions.writing.files import FOLDER, WRITERS, text_of

if __name__ == "__main__":
    for file_name in WRITERS:
        (FOLDER / file_name).write_text(text_of(file_name), encoding="utf-8")
