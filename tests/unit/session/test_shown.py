from k8s_tutor.session.display import Text, YamlDict


class Printer:
    said = ""

    def text(self, obj: str) -> None:
        self.said += obj


def test_text_is_shown_as_it_is() -> None:
    printer = Printer()
    Text("one\ntwo\n")._repr_pretty_(printer, cycle=False)
    assert printer.said == "one\ntwo"


def test_an_object_is_shown_as_yaml_without_bookkeeping() -> None:
    obj = YamlDict({"kind": "Pod", "metadata": {"name": "web", "managedFields": [{"manager": "x"}]}})
    assert obj.yaml() == "kind: Pod\nmetadata:\n  name: web\n"


def test_an_object_stays_a_dict() -> None:
    assert YamlDict({"status": {"podIP": "10.0.0.1"}})["status"]["podIP"] == "10.0.0.1"


def test_the_note_of_kubectl_apply_is_left_out_and_others_stay() -> None:
    notes = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "mine": "x"}
    assert YamlDict({"metadata": {"annotations": notes}}).yaml() == "metadata:\n  annotations:\n    mine: x\n"
