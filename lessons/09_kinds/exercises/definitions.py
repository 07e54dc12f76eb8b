"""The lesson's definitions that exercises need, word for word those of its cells: learners of one cluster share them."""

from __future__ import annotations

__all__ = ["FERRIES", "FLEETS", "VOYAGES"]


def _definition(kind: str, plural: str, version: str) -> str:
    return f"""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {plural}.tutor.example, labels: {{app.kubernetes.io/managed-by: k8s-tutor}}}}
spec:
  group: tutor.example
  scope: Namespaced
  names: {{kind: {kind}, singular: {kind.lower()}, plural: {plural}}}
  versions:
  - name: v1
    served: true
    storage: true
{version.strip(chr(10))}
"""


FERRIES = _definition(
    "Ferry",
    "ferries",
    """
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            required: [seats, home]
            properties:
              seats: {type: integer, minimum: 1, maximum: 500, description: How many people can sit.}
              home: {type: string, enum: [north, south], description: The harbour where it spends the night.}
              colour: {type: string, default: white, description: What it is painted with.}
    additionalPrinterColumns:
    - {name: Seats, type: integer, jsonPath: .spec.seats}
    - {name: Home, type: string, jsonPath: .spec.home}
    - {name: Colour, type: string, jsonPath: .spec.colour, priority: 1}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
""",
)
VOYAGES = _definition(
    "Voyage",
    "voyages",
    """
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [from, to, passengers, crew]
            properties: {from: {type: string}, to: {type: string}, passengers: {type: integer}, crew: {type: integer}}
            x-kubernetes-validations:
            - {rule: self.from != self.to, message: a voyage leads somewhere else}
            - {rule: self.passengers <= self.crew * 50, message: one of the crew for each fifty passengers}
            - {rule: self.passengers >= oldSelf.passengers, message: nobody gets off at sea}
""",
)
FLEETS = _definition(
    "Fleet",
    "fleets",
    """
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {ships: {type: integer, default: 1}}}
          status: {type: object, properties: {ships: {type: integer}}}
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.ships, statusReplicasPath: .status.ships}
    additionalPrinterColumns:
    - {name: Wanted, type: integer, jsonPath: .spec.ships}
    - {name: At sea, type: integer, jsonPath: .status.ships}
""",
)
