"""What other tools are known to miss or to see where nothing is (domain guide, section 4), a test for each."""

import pytest

from classifiers.detectors import find, ni_number
from classifiers.detectors.chi_number import begins_with_a_date
from classifiers.detectors.nhs_number import is_issued
from classifiers.detectors.pupil_number import LETTERS, passes_check


def found(text, **own):
    return [(hit.kind, text[hit.start : hit.end]) for hit in find(text, **own)]


# NHS, Scottish and Northern Irish health numbers


@pytest.mark.parametrize("number", ["0000000000", "1111111111", "4444444444", "999 000 0019"])
def test_ten_like_digits_and_failed_checks_are_no_nhs_number(number):
    assert found(f"my NHS number is {number}") == []


def test_a_check_digit_passed_by_chance_is_nothing_without_words_of_care():
    assert is_issued("9990000018")
    assert found("asset tag 9990000018 on the hoist") == []
    assert found("the code is 9990000018, lads") == []


def test_a_range_that_is_never_issued_is_no_nhs_number():
    assert found("patient number 500 000 0005 and 100 000 0010") == []


@pytest.mark.parametrize(
    "number",
    [
        "999.000.0018",
        "999  000  0018",
        "9 9 9 0 0 0 0 0 1 8",
        "９９９ ０００ ００１８",
        "999\u200b000\u200b0018",
        "999\u00ad000\u20600018",
        "999 ooo oo18",
    ],
)
def test_an_nhs_number_is_found_however_it_is_spaced_or_disguised(number):
    assert found(f"her NHS no. {number}, on the board") == [("nhs_number", number)]


def test_a_second_identifier_stands_for_the_words():
    assert found("999 000 0018, DOB 12/03/1941") == [
        ("nhs_number", "999 000 0018"),
        ("date_of_birth", "12/03/1941"),
    ]


def test_a_scottish_number_is_its_own_kind_and_its_date_is_checked():
    assert found("CHI number 0508319943") == [("chi_number", "0508319943")]
    assert found("the patient, 050831 9943, was moved") == [("chi_number", "050831 9943")]
    assert found("stock code 0508319943 in the ward kitchen cupboard list") == []
    assert begins_with_a_date("2902000000")
    assert not begins_with_a_date("3002000000")


def test_a_northern_irish_number_is_found_in_its_range():
    assert is_issued("3200000007") == (("nhs_number", "3200000007") in found("H&C number 3200000007"))
    assert found("Health and Care number 320 000 0015 on the wristband") == [("nhs_number", "320 000 0015")]


def test_a_tax_reference_is_no_nhs_number():
    assert found("HMRC says UTR 9990000018, patient people that they are") == []


def test_an_nhs_number_is_no_foreign_telephone():
    assert found("NHS number 9990000018") == [("nhs_number", "9990000018")]


# National Insurance


@pytest.mark.parametrize("number", ["AB-12-34-56-C", "AB 12 34 56 C", "AB.12.34.56.C", "ab 123456 c"])
def test_a_national_insurance_number_is_found_with_any_signs_between(number):
    assert found(f"my NI number is {number}") == [("ni_number", number)]


def test_without_its_suffix_it_needs_its_name():
    assert found("NI AB 12 34 56, the end is rubbed off") == [("ni_number", "AB 12 34 56")]
    assert found("locker AB 12 34 56 in the gym") == []


@pytest.mark.parametrize("prefix", ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ", "DA", "AO", "QQ", "FA", "VA"])
def test_a_prefix_that_is_never_issued_counts_only_by_name(prefix):
    assert found(f"part {prefix}123456C is out") == []


def test_the_prefix_of_examples_has_a_switch():
    text = "national insurance QQ 12 34 56 C"
    assert len(ni_number.detect(text)) == 1
    assert ni_number.detect(text, examples=False) == []
    assert len(ni_number.detect("national insurance AB 12 34 56 C", examples=False)) == 1


# Postcodes and addresses


@pytest.mark.parametrize(
    "text", ["buses in NE61 are late", "B5 1st floor", "b5 1st floor", "take B12 5ug", "flat B1 2nd left"]
)
def test_half_a_postcode_or_a_floor_locates_nobody(text):
    assert found(text) == []


def test_a_postcode_counts_without_the_word_and_also_for_forces_and_overseas():
    assert found("he is at TS19 8JZ") == [("postcode", "TS19 8JZ")]
    assert found("write to my lad, BFPO 57") == [("postcode", "BFPO 57")]
    assert found("my sister is on ASCN 1ZZ") == [("postcode", "ASCN 1ZZ")]


def test_an_address_and_its_postcode_are_both_told():
    text = "she's at 5 Colliers Row, NE24 7QW now"
    assert found(text) == [("address", "5 Colliers Row, NE24 7QW"), ("postcode", "NE24 7QW")]


@pytest.mark.parametrize(
    "address",
    [
        "12a Canning Road",
        "Flat 3/2, 14 Canning Road, Pontyfelin",
        "No. 14, Canning Rd",
        "9 Heol y Bryn",
        "12 Pen Isaf, Pontyfelin, CF48 8ZD",
        "The Old Forge, Mill Lane",
        "number 14 on Canning Road",
    ],
)
def test_a_home_is_found_however_it_is_written(address):
    assert ("address", address) in found(f"my nan lives at {address}. Go round")


def test_confidential_premises_count_even_without_a_number():
    assert found("the refuge is on Alder Grove") == [("address", "Alder Grove")]
    assert found("the roadworks are on Alder Grove") == []


def test_the_place_of_a_service_is_no_home():
    assert found("Dunmarrow Library, 40 Station Parade, DL9 1AA") == []
    assert found("Find us at 40 Station Parade, DL9 1AA. All welcome") == []


# Telephones and e-mails


@pytest.mark.parametrize(
    "number",
    [
        "07700 900123",
        "+44 (0)7700 900123",
        "0044 7700 900123",
        "o7700 9oo 123",
        "07700 nine hundred one two three",
        "0 7 7 0 0 9 0 0 1 2 3",
        "07700_900_123",
        "07700/900/123",
        "020 7946 0123",
        "(01632) 960123",
    ],
)
def test_a_number_kept_for_drama_is_found_however_it_is_written(number):
    assert found(f"ring him on {number} tonight") == [("phone", number)]


@pytest.mark.parametrize(
    "text",
    [
        "call 111, 999, 101, 116 123 or 0300 123 4567",
        "the switchboard is 01632 960123",
        "helpline 01632 960123, open 9 to 5",
        "text the duty mobile on 07700 900123",
        "US office +1 202 555 0123",
        "see https://x.example/07700900123",
    ],
)
def test_lines_that_many_answer_and_foreign_numbers_are_nobodys(text):
    assert found(text) == []


def test_a_telephone_is_not_also_a_bank_account():
    assert found("text your sort code to him on 07700 900417") == [("phone", "07700 900417")]


@pytest.mark.parametrize(
    "address",
    [
        "jane dot smith at example dot com",
        "jane.smith[at]example.com",
        "jane.smith (at) example (dot) com",
        "jane.smith @ example.com",
        "jane.smith＠example.com",
        "jаne.smith@example.com",
    ],
)
def test_an_e_mail_is_found_in_every_disguise(address):
    assert found(f"write to {address} please") == [("email", address)]


# Numbers that need their names


def test_six_and_eight_digits_are_a_bank_account_only_beside_its_words():
    text = "sort code 12-34-56 acc 12345678"
    assert found(text) == [("bank_account", "12-34-56"), ("bank_account", "12345678")]
    assert found("12-34-56 and 12345678") == [("bank_account", "12-34-56"), ("bank_account", "12345678")]
    assert found("booking 12345678, score 12-34-56") == []


@pytest.mark.parametrize("number", ["111222333", "111 222 333", "ZX9990001", "ZX 999 0001"])
def test_a_passport_of_either_form_needs_its_name(number):
    assert found(f"her passport is {number}") == [("passport", number)]
    assert found(f"the pump is {number}") == []


@pytest.mark.parametrize("number", ["QUILL905219T99YY", "QUILL 905219 T99YY", "QUILL 905219 T99 YY"])
def test_spaces_do_not_break_a_driving_licence(number):
    assert found(f"licence {number} on the copier") == [("driving_licence", number)]


def test_a_northern_irish_licence_needs_its_name():
    assert found("my Northern Irish licence is 12345678") == [("driving_licence", "12345678")]
    assert found("ticket 12345678 for the ferry to Northern Ireland") == []


@pytest.mark.parametrize("authority", ["838", "839", "940", "941", "942", "943"])
def test_pupil_numbers_of_newer_councils_pass(authority):
    digits = f"{authority}123422001"
    letter = LETTERS[sum(weight * int(digit) for weight, digit in enumerate(digits, 2)) % 23]
    assert passes_check(letter + digits)
    assert found(f"found {letter}{digits} by the gate") == [("pupil_number", letter + digits)]


# Dates of birth


@pytest.mark.parametrize(
    "birthday", ["12th March 1941", "12 March '41", "12/3/41", "March 12th, 1941", "1941-03-12", "12.03.1941"]
)
def test_a_birthday_is_found_day_first_and_in_words(birthday):
    assert found(f"mum was born {birthday} in Hull") == [("date_of_birth", birthday)]


@pytest.mark.parametrize(
    "text",
    [
        "they may come, born or not",
        "born in Hull. Opened 12/03/2024",
        "seen on 12/03/2024",
        "turned 92, may he",
    ],
)
def test_the_verb_may_and_dates_of_events_are_no_birthday(text):
    assert found(text) == []


# Number plates


@pytest.mark.parametrize(
    "text",
    [
        "in NE24 was three buses away",
        "parking in SW19 has gone up",
        "cars in LS27 and Leeds",
        "DRIVING IN NE24 WAS A PAIN",
        "the pump is a DN19 RTX",
        "xt79 klo",
    ],
)
def test_half_a_postcode_before_a_word_is_no_number_plate(text):
    assert found(text) == []
