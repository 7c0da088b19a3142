"""Django's compilers for SQLite, with columns that are kept."""

from django.db.models.sql import compiler

from yimei.core.database.compiling import Compiling


class SQLCompiler(Compiling): ...


class SQLInsertCompiler(compiler.SQLInsertCompiler, Compiling): ...


class SQLDeleteCompiler(compiler.SQLDeleteCompiler, Compiling): ...


class SQLUpdateCompiler(compiler.SQLUpdateCompiler, Compiling): ...


class SQLAggregateCompiler(compiler.SQLAggregateCompiler, Compiling): ...
