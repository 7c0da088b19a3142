import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.vault import ciphers
from yimei.vault.enums import Algorithm

ALGORITHMS = st.sampled_from(list(Algorithm))


@given(algorithm=ALGORITHMS, text=st.binary(max_size=300), aad=st.binary(max_size=40))
def test_what_is_sealed_opens_again_and_never_looks_the_same(
    algorithm: Algorithm, text: bytes, aad: bytes
) -> None:
    key = b"k" * ciphers.KEY_SIZE[algorithm]
    first, second = (ciphers.seal(algorithm, key, text, aad=aad) for _ in range(2))
    assert first != second
    assert len(first) == ciphers.NONCE + len(text) + ciphers.TAG
    assert ciphers.unseal(algorithm, key, first, aad=aad) == text


@given(algorithm=ALGORITHMS, text=st.binary(min_size=1, max_size=60), place=st.integers(0, 1000))
def test_one_flipped_bit_anywhere_is_noticed(algorithm: Algorithm, text: bytes, place: int) -> None:
    key = b"k" * ciphers.KEY_SIZE[algorithm]
    sealed = bytearray(ciphers.seal(algorithm, key, text, aad=b"here"))
    sealed[place % len(sealed)] ^= 1
    with pytest.raises(ciphers.TamperedError):
        ciphers.unseal(algorithm, key, bytes(sealed), aad=b"here")


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_another_place_another_key_or_a_stump_does_not_open(algorithm: Algorithm) -> None:
    key, other = (letter * ciphers.KEY_SIZE[algorithm] for letter in (b"k", b"o"))
    sealed = ciphers.seal(algorithm, key, b"text", aad=b"here")
    for wrong_key, content, aad in (
        (key, sealed, b"there"),
        (other, sealed, b"here"),
        (key, sealed[:9], b"here"),
    ):
        with pytest.raises(ciphers.TamperedError):
            ciphers.unseal(algorithm, wrong_key, content, aad=aad)


def test_the_digests_are_the_published_ones() -> None:
    """SHA-256 of FIPS 180-2, SM3 of GB/T 32905 (appendix A.1), each of «abc»."""
    assert ciphers.digest(Algorithm.AES, b"abc").hex().startswith("ba7816bf8f01cfea")
    assert ciphers.digest(Algorithm.SM4, b"abc").hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )
    assert ciphers.mac(Algorithm.AES, b"k", b"x") != ciphers.mac(Algorithm.SM4, b"k", b"x")


@given(key=st.binary(min_size=1, max_size=100), texts=st.lists(st.binary(max_size=200), max_size=5))
def test_very_many_codes_are_what_the_library_says_of_each(key: bytes, texts: list[bytes]) -> None:
    assert ciphers.macs(Algorithm.AES, key, texts) == [hmac.digest(key, one, "sha256") for one in texts]
    assert ciphers.macs(Algorithm.AES, key, texts) == [ciphers.mac(Algorithm.AES, key, one) for one in texts]
