"""Pictures of every main screen, on the sample data, light and dark, desktop and phone: `python -m tests.screens OUT`.

`table` lists the screens (add yours there), `world` runs the app and puts it into the states that a picture needs, `looking`
takes the pictures and finds what is wrong with them. A new look at a screen is a new line in the table.
"""
