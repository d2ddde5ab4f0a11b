"""What people write between the words of a phrase when they number it: "word 1: ...", "first ...", "a) ...", `<li>`."""

from triage.rules.word_lists import fold

_WORDS = """word words palabra mot mots parola palavra wort slovo kelime слово 단어 単語 たんご ことば kata từ
    no nr num number numero numéro número nº st nd rd th er re eme ème ª º da sa and then
    next after y luego después e poi depois puis et ensuite und dann i a и потом затем ve
    sonra 그리고 それから"""
_ORDINALS = """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
    thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
    twenty one two three four five six seven eight nine ten eleven twelve primero primera
    segundo segunda tercero tercera cuarto cuarta quinto quinta sexto sexta séptimo séptima
    octavo octava noveno novena décimo décima undécimo undécima duodécimo duodécima uno dos
    tres cuatro cinco seis siete ocho nueve diez primo seconda secondo terza terzo quarta
    settimo ottavo nono premier première deuxième troisième quatrième cinquième sixième
    septième huitième neuvième dixième onzième douzième primeiro primeira terceiro quarto
    sétimo oitavo перв первое первый второе второй третье третий четвертое пятое шестое
    седьмое восьмое девятое десятое ilk ikinci üçüncü dördüncü beşinci altıncı yedinci
    sekizinci dokuzuncu onuncu první druhý třetí čtvrtý pátý šestý sedmý osmý devátý desátý"""
_ROMAN = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi xxii xxiii xxiv"
_TAGS = "li ul ol td tr th tbody table br p b i u em strong code span div font pre nbsp quot"

NUMBERING = frozenset(fold(word) for word in f"{_WORDS} {_ORDINALS} {_ROMAN} {_TAGS}".split()) | frozenset(
    "abcdefghijklmnopqrstuvwxyz"
)
"""Folded, as words are compared; some of them are words of the lists as well."""
