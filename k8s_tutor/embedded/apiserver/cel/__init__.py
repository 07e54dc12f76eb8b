"""CEL, Kubernetes' language of rules: compiled with types, evaluated on plain objects, refused in Kubernetes' words.

The language is Google's own: cel-cpp through `cel-expr-python`, the same grammar, checker and messages as the real API
server's cel-go. Kubernetes' libraries (quantity, url, ip, cidr, semver, format, lists, regex) are in `libraries/`.

    environment = Environment({"self": declared(schema), "oldSelf": declared(schema)})
    rule = environment.compile("self.replicas >= oldSelf.replicas", returns="bool")   # CompileError
    rule.evaluate({"self": value, "oldSelf": before})                                 # EvaluationError

Law: nothing here knows the API server. The compiler is loaded with the first expression (some 30 ms), never before.

Not as on a real cluster: costs are neither estimated nor counted (a rule ends after 10,000 steps instead);
items of lists in lists and of lists in maps are checked only when evaluated; lists of type set and map compare in
order.
"""

from k8s_tutor.embedded.apiserver.cel.expression import Environment, Expression
from k8s_tutor.embedded.apiserver.cel.types import DYN, CelType, declared, optional_of
from k8s_tutor.embedded.apiserver.cel.wording import CompileError, EvaluationError

__all__ = ["DYN", "CelType", "CompileError", "Environment", "EvaluationError", "Expression", "declared", "optional_of"]
