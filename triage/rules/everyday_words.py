"""Listed words of recovery phrases that people use all the time: a run of these is a sentence, or a subject line."""

_IN_PROSE = """about above after again all already also always another any around because before can come
    during each every find first give good have hello help just keep know later like make more most much must
    need never next nothing now off often once one only open or other over own people right same say show some
    still such sure than thank that the then there they thing this time to too try two under until use very wait
    want way what when where will with work you your true false else return if get set error code source file
    result test new"""
IN_PROSE = frozenset(_IN_PROSE.split())
"""Words that join others into sentences, and those of programs' documentation."""

_AT_A_DESK = """abrir acceso access account add address adentro adjunto adresse age agent agora ahorro amount ano answer
    anterior apple approve argent arrive ask auto aviso away ayer ayuda balance banco base behind below best
    between bien bonus bring bueno business cafe call cambio cancel cancelar car cara card carta casa cash
    casino caso celular cero cerrar change charge chat check cheque chrome cinco claim clave cliente close club
    codigo coin company compra computer confirm contact contrato copia copy cost country credit cuatro cuzdan
    dar daughter day decir dentro depois deposit deposito desk device dia dice digital dinero dinheiro direct
    doble dolar domingo don dort dos double ekran email empresa empty end enlace enter entrar envio equipo era
    escribir eski este exchange explain explorer export face factor falso falta favor fecha fee figura fin final
    fine firma firme fix flat foto found frase friend frozen game gap gas gece gente gift gratis great gris
    group grupo gym hacer hala half hand hat hesap hijo history hoje hold holiday home hora hospital hotel hour
    idea igual inicio inside internet into islem job jueves key lado laptop leave leer left letra letter limit
    limite linea link lira list lista liste little live loan lock long love lunes lupa luz machine mail main
    mais mama man mana manana mando mano march market martes media menos mensaje menu mes mesmo message mil
    minimum minute mismo mitad mobile momento moneda month monto morning mother move mover mucho muestra myself
    name nasil neden negocio neither network nice night normal nota note notice number numero nut office old
    online ontem orden order otro paga pagar page pagina pago pais papa papel paper parte pasa pasar paso pass
    patron payment pedir pelo perfil permiso permit pero person persona petit phone photo phrase pide pixel
    plata play please poder police poner position possible post pregunta price private programa proof public
    punto purchase put queda question quick rapido rate real reason receive recibo red refuse registro remember
    remove rent report retirar retiro review risk robot run sabado saber sacar safe saldo saque save scan screen
    second security seed segundo sell semana semilla senor ser service sesion session shop side sign simple
    since sistem sistema sitio six slow small sobre sol solo someone soporte sorry step subir subject success
    super sur swap switch tag tanto tarjeta team tela telefon telefono tell ten tener text three ticket tienda
    tipo today todo token tomorrow tonight top total trabajo train transfer tren tres trezor trust tudo twice
    type una unknown unlock uno update urgente usar used usuario uygulama van ver verify version via video
    viernes virement virtual virus visa vivo web weekend wife win write wrong yanlis year zero адрес вчера вывод
    день если номер один письмо после почему сегодня сеичас телефон только через 계속 방금 방법 아직 오늘
    잘못 지갑 지금"""
AT_A_DESK = IN_PROSE.union(_AT_A_DESK.split())
"""These, and what customers write about in any language: words in eight and more messages of the corpus."""
