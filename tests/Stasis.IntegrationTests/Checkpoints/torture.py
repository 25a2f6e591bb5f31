# Changes a tree in ways that depend on its names and on a seed alone: two trees that are the same are the same afterwards, times included.
import os, random, shutil, stat, sys

random.seed(int(sys.argv[1]))
touched = set()


def touch(*paths):
    for path in paths:
        touched.update((path, os.path.dirname(path)))


def remove(path):
    shutil.rmtree(path) if stat.S_ISDIR(os.lstat(path).st_mode) else os.unlink(path)


def write(path, text, mode="w"):
    with open(path, mode) as file:
        file.write(text)


paths = sorted(os.path.join(folder, name) for folder, folders, files in os.walk(b".") for name in folders + files)
for path in paths:
    change = random.randrange(14)
    if not os.path.lexists(path) or len(os.path.basename(path)) > 240:
        continue
    mode = os.lstat(path).st_mode
    folder, regular = stat.S_ISDIR(mode), stat.S_ISREG(mode)
    if change == 0 and regular:
        write(path, "appended\n", "a")
        touch(path)
    elif change == 1:
        remove(path)
        touch(path)
    elif change == 2 and not stat.S_ISLNK(mode):
        os.chmod(path, 0o751)
        touch(path)
    elif change == 3 and not folder:
        os.rename(path, path + b".moved")
        touch(path + b".moved")
    elif change == 4 and folder:
        remove(path)
        write(path, "was a folder\n")
        touch(path)
    elif change == 5 and not folder:
        remove(path)
        os.mkdir(path)
        write(path + b"/in", "was none\n")
        touch(path, path + b"/in")
    elif change == 6 and not folder:
        os.link(path, path + b".linked", follow_symlinks=False)
        touch(path + b".linked")
    elif change == 7 and (regular or folder):
        os.setxattr(path, "user.torture", path[-20:])
        touch(path)
    elif change == 8 and folder:
        remove(path)
        os.mkdir(path)
        write(path + b"/only", "anew\n")
        touch(path, path + b"/only")
    elif change == 9:
        remove(path)
        os.symlink(b"somewhere", path)
        touch(path)
    elif change == 10 and folder:
        write(path + b"/added", "new\n")
        touch(path + b"/added")
    elif change == 11 and not folder:
        os.chown(path, 11, 12, follow_symlinks=False)
        touch(path)

for path in touched:
    if os.path.lexists(path):
        os.utime(path, ns=(10**18, 10**18 + 123456789), follow_symlinks=False)
