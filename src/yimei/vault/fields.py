"""Model fields whose values only their person's key opens.

A model with such fields names the way from a row to its DataKey in VAULT ("vault_key", "person.vault_key"),
and has a public_id. Table, column and public_id are sealed in with each value, which opens nowhere else.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar
from uuid import UUID

from django import forms
from django.core.exceptions import FieldError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.lookups import IsNull
from django.db.models.query_utils import DeferredAttribute
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from yimei.vault import ciphers, keys
from yimei.vault.models import DataKey

VERSION = b"\x01"


class _Erased(str):
    """A text that stands for one that was erased; assigning it back changes nothing."""

    __slots__ = ()


ERASED = _Erased("（已删除）")


class Sealed:
    """A value as it lies in the database; says nothing of itself."""

    __slots__ = ("content",)

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __repr__(self) -> str:
        return "<sealed>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.content == other.content

    def __hash__(self) -> int:
        return hash(self.content)


def key_path(model: type[models.Model]) -> str:
    """Return what a list of this model must select_related."""
    return str(model.VAULT).replace(".", "__")  # type: ignore[attr-defined]


def key_of(row: models.Model) -> DataKey:
    """Follow the row's VAULT to its key."""
    found: Any = row
    for step in str(row.VAULT).split("."):  # type: ignore[attr-defined]
        found = getattr(found, step)
    if not isinstance(found, DataKey):
        raise FieldError(f"{type(row).__name__}.VAULT does not lead to a DataKey")
    return found


class _EncryptedAttribute(DeferredAttribute):
    """Holds the sealed value and opens it at each look; a text or date is never kept open on the row."""

    field: "EncryptedField[Any, Any]"

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            rows = type(instance)._base_manager.using(instance._state.db).filter(pk=instance.pk)
            instance.__dict__[name] = rows.values_list(name, flat=True).get()
        value = instance.__dict__[name]
        if not isinstance(value, Sealed):
            return value
        opened = self.field.open(instance, value)
        if self.field.is_mutable and opened is not None:
            instance.__dict__[name] = opened
        return opened

    def __set__(self, instance: models.Model, value: Any) -> None:
        """Keep the value; but what an erased one reads as (in refresh_from_db, say) does not replace it."""
        kept = instance.__dict__.get(self.field.attname)
        if value is ERASED or (value is None and isinstance(kept, Sealed) and key_of(instance).is_destroyed):
            return
        instance.__dict__[self.field.attname] = value


_ST = TypeVar("_ST")
_GT = TypeVar("_GT")

if TYPE_CHECKING:

    class _Field(models.Field[_ST, _GT]): ...

else:

    class _Field(models.Field, Generic[_ST, _GT]): ...


class EncryptedField(_Field[_ST, _GT], ABC):
    """What the three kinds share: bytes in the database, opened through the row."""

    descriptor_class = _EncryptedAttribute
    empty_strings_allowed = False
    is_mutable = False
    erased: Any = None

    @abstractmethod
    def encode(self, value: Any) -> bytes:
        """Return the bytes to seal."""

    @abstractmethod
    def decode(self, content: bytes) -> Any:
        """Return the value of bytes that were opened."""

    def open(self, row: models.Model, sealed: Sealed) -> Any:
        key = key_of(row)
        if key.is_destroyed:
            return self.erased
        if sealed.content[:1] != VERSION:
            raise ciphers.TamperedError("unknown format of an encrypted value")
        opened = ciphers.unseal(key.algorithm, keys.secret_of(key), sealed.content[1:], aad=self._aad(row))
        return self.decode(opened)

    def seal(self, row: models.Model, value: Any) -> Sealed:
        key = key_of(row)
        sealed = ciphers.seal(key.algorithm, keys.secret_of(key), self.encode(value), aad=self._aad(row))
        return Sealed(VERSION + sealed)

    def _aad(self, row: models.Model) -> bytes:
        table = self.model._meta.db_table
        return f"{table}|{self.column}|{row.public_id}".encode()  # type: ignore[attr-defined]

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if self.attname not in model_instance.__dict__:
            return None
        value = model_instance.__dict__[self.attname]
        if isinstance(value, Sealed) and add:
            value = self.open(model_instance, value)
        if value is not None and not isinstance(value, Sealed):
            value = self.seal(model_instance, value)
            model_instance.__dict__[self.attname] = value
        return value

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Sealed) or hasattr(value, "resolve_expression"):
            return value
        raise FieldError(
            f"{self.model.__name__}.{self.name} is encrypted row by row: assign it and save the row, "
            "update() and bulk_update() cannot"
        )

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        return connection.Database.Binary(value.content) if isinstance(value, Sealed) else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            self._refuse_search()
        return IsNull

    def get_transform(self, lookup_name: str) -> Any:
        self._refuse_search()

    def _refuse_search(self) -> NoReturn:
        raise FieldError(f"{self.model.__name__}.{self.name} is encrypted: search by its blind index")

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.model.__name__}.{self.name} is encrypted and does not leave by dumpdata")


class EncryptedText(EncryptedField[_ST, _GT]):
    """Text; `max_length` bounds what people type, not what is stored."""

    _pyi_private_set_type: str
    _pyi_private_get_type: str

    description = _("加密文字")
    empty_strings_allowed = True
    erased = ERASED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else str(value)

    def encode(self, value: Any) -> bytes:
        return str(value).encode()

    def decode(self, content: bytes) -> str:
        return content.decode()

    def formfield(self, **kwargs: Any) -> Any:
        widget = {} if self.max_length else {"widget": forms.Textarea}
        return super().formfield(**{"max_length": self.max_length, **widget, **kwargs})


class EncryptedDate(EncryptedField[_ST, _GT]):
    """A date; None when its key is destroyed."""

    _pyi_private_set_type: date | str
    _pyi_private_get_type: date

    description = _("加密日期")

    def to_python(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, str):
            return parse_date(value)
        return value

    def encode(self, value: Any) -> bytes:
        day = self.to_python(value)
        if not isinstance(day, date):
            raise ValueError(f"{value!r} is not a date")
        return day.isoformat().encode()

    def decode(self, content: bytes) -> date:
        return date.fromisoformat(content.decode())

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.DateField, **kwargs})


class EncryptedJSON(EncryptedField[_ST, _GT]):
    """Lists and objects; dates, UUIDs and decimals are written as text. None when its key is destroyed."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    description = _("加密数据")
    is_mutable = True

    def encode(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_as_text).encode()

    def decode(self, content: bytes) -> Any:
        return json.loads(content)


_AS_TEXT: dict[type, Callable[[Any], str]] = {
    datetime: lambda value: str(value.isoformat()),
    date: lambda value: str(value.isoformat()),
    Decimal: str,
    UUID: str,
}


def _as_text(value: Any) -> str:
    for kind, write in _AS_TEXT.items():
        if isinstance(value, kind):
            return write(value)
    raise TypeError(f"{type(value).__name__} cannot be kept in an encrypted JSON field")
