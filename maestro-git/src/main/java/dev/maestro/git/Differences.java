package dev.maestro.git;

import dev.maestro.store.BlobId;
import dev.maestro.workspace.Change;
import dev.maestro.workspace.DiffText;
import dev.maestro.workspace.PathGlobs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.eclipse.jgit.diff.DiffEntry;
import org.eclipse.jgit.diff.DiffFormatter;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.treewalk.filter.TreeFilter;

/** Compares and combines trees that are in the repository already; touches no file. */
final class Differences {

  private final GitRepository repository;

  Differences(GitRepository repository) {
    this.repository = repository;
  }

  /** {@return the files that differ, sorted by path} */
  List<Change> between(ObjectId from, ObjectId to) {
    return Border.call("compare trees", () -> compare(from, to));
  }

  private List<Change> compare(ObjectId from, ObjectId to) throws IOException {
    SortedMap<String, Change> changes = new TreeMap<>();
    forEach(
        from,
        to,
        walk -> {
          String path = walk.getPathString();
          Change.Kind kind = kind(walk.getFileMode(0), walk.getFileMode(1));
          changes.put(path, new Change(kind, path));
        });
    return new ArrayList<>(changes.values());
  }

  /** What is done with one file that differs. */
  @FunctionalInterface
  private interface Visit {
    void at(TreeWalk walk) throws IOException;
  }

  private void forEach(ObjectId from, ObjectId to, Visit visit) throws IOException {
    try (TreeWalk walk = new TreeWalk(repository.jgit())) {
      walk.setRecursive(true);
      walk.addTree(from);
      walk.addTree(to);
      walk.setFilter(TreeFilter.ANY_DIFF);
      while (walk.next()) {
        visit.at(walk);
      }
    }
  }

  private static Change.Kind kind(FileMode before, FileMode after) {
    if (before.equals(FileMode.MISSING)) {
      return Change.Kind.ADDED;
    }
    return after.equals(FileMode.MISSING) ? Change.Kind.DELETED : Change.Kind.MODIFIED;
  }

  /**
   * {@return a name for what differs: a hash over each file that does, and over what it was and
   * became}
   */
  String name(ObjectId from, ObjectId to) {
    return Border.call("compare trees", () -> BlobId.of(sides(from, to)).hex());
  }

  private byte[] sides(ObjectId from, ObjectId to) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    forEach(
        from,
        to,
        walk -> {
          all.write(walk.getRawPath());
          String sides =
              "\0%o %s %o %s\n"
                  .formatted(
                      walk.getRawMode(0),
                      walk.getObjectId(0).name(),
                      walk.getRawMode(1),
                      walk.getObjectId(1).name());
          all.write(sides.getBytes(StandardCharsets.US_ASCII));
        });
    return all.toByteArray();
  }

  /** {@return whether the tree has a file, or another repository, of this name} */
  boolean holdsFile(ObjectId tree, String path) {
    return mode(tree, path).filter(mode -> !mode.equals(FileMode.TREE)).isPresent();
  }

  /** {@return whether the tree has a directory of this name} */
  boolean holdsDirectory(ObjectId tree, String path) {
    return mode(tree, path).filter(FileMode.TREE::equals).isPresent();
  }

  private Optional<FileMode> mode(ObjectId tree, String path) {
    return Border.call(
        "read the tree " + tree.name(),
        () -> {
          try (TreeWalk walk = TreeWalk.forPath(repository.jgit(), path, tree)) {
            return Optional.ofNullable(walk).map(found -> found.getFileMode(0));
          }
        });
  }

  /** {@return what the tree holds under this name; empty where that is no file, or is longer} */
  Optional<byte[]> content(ObjectId tree, String path, int most) {
    return Border.call(
        "read the tree " + tree.name(),
        () -> {
          try (TreeWalk walk = TreeWalk.forPath(repository.jgit(), path, tree)) {
            if (walk == null || walk.getFileMode(0).getObjectType() != Constants.OBJ_BLOB) {
              return Optional.empty();
            }
            ObjectLoader file = walk.getObjectReader().open(walk.getObjectId(0));
            return file.getSize() > most ? Optional.empty() : Optional.of(file.getBytes());
          }
        });
  }

  /** {@return the places where the tree holds the commit of another repository} */
  List<String> repositoriesIn(ObjectId tree) {
    return Border.call(
        "read the tree " + tree.name(),
        () -> {
          List<String> paths = new ArrayList<>();
          try (TreeWalk walk = new TreeWalk(repository.jgit())) {
            walk.setRecursive(true);
            walk.addTree(tree);
            while (walk.next()) {
              if (walk.getFileMode(0).equals(FileMode.GITLINK)) {
                paths.add(walk.getPathString());
              }
            }
          }
          return paths;
        });
  }

  /** {@return the paths of all files as Java reads them from this machine's directories} */
  Set<String> filesAsNamedHere(ObjectId tree) {
    Charset names = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    return Border.call(
        "read the tree " + tree.name(),
        () -> {
          Set<String> paths = new HashSet<>();
          try (TreeWalk walk = new TreeWalk(repository.jgit())) {
            walk.setRecursive(true);
            walk.addTree(tree);
            while (walk.next()) {
              paths.add(new String(walk.getRawPath(), names));
            }
          }
          return paths;
        });
  }

  /** {@return the directories that the tree has files in, and those they are in; "" is the root} */
  Set<String> directoriesIn(ObjectId tree) {
    return Border.call(
        "read the tree " + tree.name(),
        () -> {
          Set<String> paths = new HashSet<>(Set.of(""));
          try (TreeWalk walk = new TreeWalk(repository.jgit())) {
            walk.addTree(tree);
            while (walk.next()) {
              if (walk.isSubtree()) {
                paths.add(walk.getPathString());
                walk.enterSubtree();
              }
            }
          }
          return paths;
        });
  }

  /** {@return a unified diff, cut after so many characters} */
  String text(ObjectId from, ObjectId to, int maxCharacters) {
    return Border.call(
        "compare trees",
        () -> {
          Limited out = new Limited(maxCharacters);
          try (DiffFormatter formatter = new DiffFormatter(out)) {
            formatter.setRepository(repository.jgit());
            formatter.setDetectRenames(true);
            formatter.setQuotePaths(false);
            for (DiffEntry entry : formatter.scan(from, to)) {
              formatter.format(entry);
              formatter.flush();
              if (out.isFull()) {
                break;
              }
            }
          } catch (Full e) {
            // what fits is there
          }
          return DiffText.cut(out.text(), maxCharacters);
        });
  }

  /**
   * {@return the tree {@code now} in which every path that matches is as it is in {@code then}}
   *
   * <p>Where a file and a directory of one name would meet, the one from {@code then} stays.
   */
  ObjectId putBack(ObjectId now, ObjectId then, PathGlobs globs) {
    return Border.call(
        "put files back",
        () -> {
          SortedMap<String, DirCacheEntry> entries = new TreeMap<>();
          SortedMap<String, DirCacheEntry> former = new TreeMap<>();
          try (TreeWalk walk = new TreeWalk(repository.jgit())) {
            walk.setRecursive(true);
            walk.addTree(now);
            walk.addTree(then);
            while (walk.next()) {
              boolean matches = globs.matches(walk.getPathString());
              addEntry(matches ? former : entries, walk, matches ? 1 : 0);
            }
          }
          former.keySet().forEach(path -> makeRoom(entries, path));
          entries.putAll(former);
          return write(entries);
        });
  }

  private static void addEntry(SortedMap<String, DirCacheEntry> entries, TreeWalk walk, int side) {
    if (walk.getFileMode(side).equals(FileMode.MISSING)) {
      return;
    }
    DirCacheEntry entry = new DirCacheEntry(walk.getRawPath());
    entry.setFileMode(walk.getFileMode(side));
    entry.setObjectId(walk.getObjectId(side));
    // names are bytes; one character a byte keeps those apart that are no valid text
    entries.put(new String(walk.getRawPath(), StandardCharsets.ISO_8859_1), entry);
  }

  private static void makeRoom(SortedMap<String, DirCacheEntry> entries, String path) {
    // everything below path sorts between "path/" and "path0", for '0' follows '/'
    entries.subMap(path + "/", path + "0").clear();
    for (int end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      entries.remove(path.substring(0, end));
    }
  }

  private ObjectId write(SortedMap<String, DirCacheEntry> entries) throws IOException {
    DirCache index = DirCache.newInCore();
    DirCacheBuilder builder = index.builder();
    entries.values().forEach(builder::add);
    builder.finish();
    try (ObjectInserter inserter = repository.jgit().newObjectInserter()) {
      ObjectId tree = index.writeTree(inserter);
      inserter.flush();
      return tree;
    }
  }

  /** Ends a diff early, for what follows would be cut anyway. */
  private static final class Full extends IOException {
    private static final long serialVersionUID = 1L;
  }

  private static final class Limited extends OutputStream {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final long limit;

    Limited(int maxCharacters) {
      // no character takes more than four bytes, and one more shows that there was more
      this.limit = 4L * maxCharacters + 4;
    }

    boolean isFull() {
      return bytes.size() > limit;
    }

    String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      bytes.write(from, offset, length);
      if (isFull()) {
        throw new Full();
      }
    }
  }
}
