"""A text as a QR code, drawn as SVG: pixels want a library that not every installation has.

Owns the picture. Must not know what the text leads to.
"""

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

# Light modules around the code, as readers expect them.
QUIET = 4


def qr_svg(text):
    """The QR code of a text as an SVG document."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    count = code.getModuleCount()
    dark = "".join(
        f"M{column + QUIET} {row + QUIET}h1v1h-1z"
        for row in range(count)
        for column in range(count)
        if code.isDark(row, column)
    )
    size = count + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{dark}"/></svg>'
    )
