"""Making lessons: from source to notebooks, drift checks, translations, proofs, and a first lesson to begin with.

    __main__.py     `python -m k8s_tutor.authoring new|check|build|translations`: the same as `k8s-tutor lesson`
    catalogues.py   Catalogues of translations: made from the code by Babel, kept in step with it, and checked
    checking.py     Checking a course or one lesson, step by step: the record, sources, translations
    commands.py     `k8s-tutor lesson new|check|build|translations`
    factory.py      Building all notebooks from their sources
    outputs.py      Outputs of cells: what of them is worth keeping
    proving.py      Notebooks run from fresh and under nbval; proofs that an exercise is fair
    pytest_lessons.py  A course as tests of pytest, and the table that closes the run
    source.py       Lesson sources: jupytext percent files, each prose cell in all languages side by side
    templates/      What a new lesson begins with
    terms/          Words of the trade in other languages
    translation.py  Whether a translated text says all that its English says: code, headings, links

Law: learners never import it. It reaches a cluster only through cells: those a learner would run, and those of proofs.
"""
