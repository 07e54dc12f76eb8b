from k8s_tutor.render.picture import ShownDrawing


def test_a_drawing_stands_in_the_page_and_its_words_beside_it() -> None:
    bundle = ShownDrawing("<svg>\n</svg>\n", "A boat\n[a < b]")._repr_mimebundle_()
    assert bundle["text/plain"] == "A boat\n[a < b]"
    assert "<svg>\n</svg><figcaption" in bundle["text/html"]
    assert "<p>A boat</p><p>[a &lt; b]</p>" in bundle["text/html"]
