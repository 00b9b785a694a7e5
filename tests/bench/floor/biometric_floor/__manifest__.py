{
    "name": "Floor of the benches",
    "summary": "A route that does nothing, to measure others against",
    "version": "19.0.1.0.0",
    "author": "Biometric Attendance",
    "license": "LGPL-3",
    "depends": ["base"],
}
