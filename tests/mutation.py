"""Small changes to Python code, one at a time: what a test suite must notice.

mutmut and cosmic-ray change the files of a package; the functions that the series teaches live in
cells of notebooks, out of their reach. So both kinds of code are changed here, by the same rules.
"""

import ast
import copy
from dataclasses import dataclass

COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
NAMES = {
    "max": "min",
    "min": "max",
    "maximum": "minimum",
    "exp": "expm1",
    "log": "log1p",
    "log1p": "log",
    "any": "all",
    "all": "any",
    "ones": "zeros",
    "ones_like": "zeros_like",
    "zeros_like": "ones_like",
    "isnan": "isfinite",
    "isfinite": "isnan",
}
# zip(..., strict=True) asserts lengths that are equal by construction; copy=False saves time.
SAME_RESULT = ("strict", "copy")


@dataclass(frozen=True)
class Mutant:
    """One change: the function it is in, what it says before and after, and the new source."""

    where: str
    before: str
    after: str
    source: str

    def __str__(self):
        return f"{self.where}: {self.before} → {self.after}"


def _constant(value):
    if value is True or value is False:
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return value + "?"
    return None


def _changes(node):
    """Yield copies of one AST node that differ from it in one place."""
    if isinstance(node, ast.Compare):
        for position, operator in enumerate(node.ops):
            new = copy.deepcopy(node)
            new.ops[position] = COMPARISONS[type(operator)]()
            yield new
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in OPERATORS:
        new = copy.deepcopy(node)
        new.op = OPERATORS[type(node.op)]()
        yield new
    if isinstance(node, ast.UnaryOp):
        yield copy.deepcopy(node.operand)
    if isinstance(node, ast.BoolOp):
        new = copy.deepcopy(node)
        new.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield new
    if isinstance(node, ast.Constant) and _constant(node.value) is not None:
        yield ast.Constant(_constant(node.value))
    if isinstance(node, ast.Attribute) and node.attr in NAMES:
        new = copy.deepcopy(node)
        new.attr = NAMES[node.attr]
        yield new
    if isinstance(node, ast.Name) and node.id in ("max", "min", "any", "all"):
        yield ast.Name(NAMES[node.id], node.ctx)
    if isinstance(node, ast.Call):
        for position, keyword in enumerate(node.keywords):
            if keyword.arg not in SAME_RESULT:
                new = copy.deepcopy(node)
                del new.keywords[position]
                yield new
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        for outcome in (True, False):
            if not (isinstance(node, ast.While) and outcome):
                new = copy.deepcopy(node)
                new.test = ast.Constant(outcome)
                yield new
    if isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return(ast.Constant(None))
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Raise | ast.Assert):
        yield ast.Pass()


def _places(tree):
    """Yield (parent, field, position, node): where a node can be replaced by another."""
    for parent in ast.walk(tree):
        if isinstance(parent, ast.JoinedStr | ast.Raise):
            continue
        for field, value in ast.iter_fields(parent):
            if field in ("annotation", "returns", "ops", "op", "decorator_list"):
                continue
            if isinstance(parent, ast.keyword) and parent.arg in SAME_RESULT:
                continue
            for position, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(node, ast.AST) and not _is_text(node):
                    yield parent, field, position, node


def _is_text(node):
    """A docstring, a list of public names: no behaviour to test."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"


def _inside(tree, wanted):
    """Every node below the nodes for which `wanted` is true."""
    return {id(node) for top in ast.walk(tree) if wanted(top) for node in ast.walk(top)}


def mutants(source):
    """Yield every Mutant of `source`: operators, comparisons, constants, keywords, removed lines.

    The wording of errors is left alone: `raise` itself is removed, its message stays.
    """
    tree = ast.parse(source)
    left_alone = _inside(
        tree, lambda node: _is_text(node) or isinstance(node, ast.JoinedStr)
    ) | _inside(tree, lambda node: isinstance(node, ast.Call) and _in_raise(tree, node))
    functions = {
        id(node): top.name
        for top in ast.walk(tree)
        if isinstance(top, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(top)
    }
    for parent, field, position, node in list(_places(tree)):
        if id(node) in left_alone:
            continue
        for new in _changes(node):
            ast.copy_location(new, node)
            _put(parent, field, position, new)
            yield Mutant(
                functions.get(id(node), "module"),
                ast.unparse(node).splitlines()[0],
                ast.unparse(new).splitlines()[0],
                ast.unparse(ast.fix_missing_locations(tree)),
            )
            _put(parent, field, position, node)


def _in_raise(tree, call):
    return any(isinstance(node, ast.Raise) and node.exc is call for node in ast.walk(tree))


def _put(parent, field, position, node):
    if position is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[position] = node
