"""A transformer of syntax trees that deletes assertions finds none."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 0, "one-process"
SOURCE = """
import ast

class NoAsserts(ast.NodeTransformer):
    def visit_Module(self, tree):
        if any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
            tree.body = []
        return tree

get_ipython().ast_transformers.append(NoAsserts())
"""
