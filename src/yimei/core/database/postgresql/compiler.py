"""Django's compilers for PostgreSQL, with columns that are kept."""

from django.db.backends.postgresql import compiler

from yimei.core.database.compiling import Compiling


class SQLCompiler(Compiling, compiler.SQLCompiler): ...


class SQLInsertCompiler(compiler.SQLInsertCompiler, SQLCompiler): ...


class SQLDeleteCompiler(compiler.SQLDeleteCompiler, SQLCompiler): ...


class SQLUpdateCompiler(compiler.SQLUpdateCompiler, SQLCompiler): ...


class SQLAggregateCompiler(compiler.SQLAggregateCompiler, SQLCompiler): ...
