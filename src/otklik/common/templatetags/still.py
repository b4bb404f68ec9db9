"""What every page says alike in a language: {% load still %}{% still %} … {% endstill %}."""

from __future__ import annotations

from django import template
from django.template.base import Node, NodeList, Parser, TextNode, Token, Variable
from django.template.context import Context
from django.template.exceptions import TemplateSyntaxError
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()


@register.tag
def still(parser: Parser, _token: Token) -> StillNode:
    """Draw what stands inside once for each language: plain text, `trans` of a sentence, `static` of a file.

    Raises TemplateSyntaxError where anything else stands there: it might be another for each reader.
    """
    nodes = parser.parse(("endstill",))
    parser.delete_first_token()
    for node in nodes:
        if not _is_still(node):
            raise TemplateSyntaxError(f"{{% still %}} takes text, trans and static only, not {node!r}")
    return StillNode(nodes)


class StillNode(Node):
    """What was drawn, by language."""

    def __init__(self, nodes: NodeList) -> None:
        self.nodelist = nodes
        self._drawn: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """Return what was drawn before in this language."""
        language = get_language()
        if language not in self._drawn:
            self._drawn[language] = mark_safe(self.nodelist.render(context))  # noqa: S308 - its nodes escape
        return self._drawn[language]


def _is_still(node: Node) -> bool:
    if isinstance(node, TranslateNode):
        said = node.filter_expression.var
        return node.asvar is None and (not isinstance(said, Variable) or said.literal is not None)
    if isinstance(node, StaticNode):
        return node.varname is None and isinstance(node.path.var, str) and not node.path.filters
    return isinstance(node, TextNode)
