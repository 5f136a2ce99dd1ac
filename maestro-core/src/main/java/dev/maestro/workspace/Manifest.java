package dev.maestro.workspace;

import dev.maestro.failure.TransientException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What stands in a directory: for every file its kind, size and content hash.
 *
 * <p>Links are not followed; sockets, pipes and devices are left out.
 *
 * @param entries by path, relative and with {@code /} between names
 * @param hash over all of them
 */
record Manifest(SortedMap<String, String> entries, String hash) {

  /** Read the directory; files that vanish meanwhile are left out. */
  static Manifest of(Path directory) throws InterruptedException {
    Reader reader = new Reader(directory);
    try {
      Files.walkFileTree(directory, reader);
    } catch (IOException e) {
      throw new TransientException("cannot read the files in " + directory, e);
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while reading " + directory);
    }
    return new Manifest(reader.entries, hash(reader.entries));
  }

  private static String hash(SortedMap<String, String> entries) {
    MessageDigest digest = sha256();
    entries.forEach(
        (path, entry) ->
            digest.update((entry + " " + path + "\0").getBytes(StandardCharsets.UTF_8)));
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** {@return what differs in the other manifest, sorted by path} */
  List<Change> changesTo(Manifest other) {
    SortedMap<String, Change> changes = new TreeMap<>();
    for (Map.Entry<String, String> entry : other.entries.entrySet()) {
      String before = entries.get(entry.getKey());
      if (before == null) {
        changes.put(entry.getKey(), new Change(Change.Kind.ADDED, entry.getKey()));
      } else if (!before.equals(entry.getValue())) {
        changes.put(entry.getKey(), new Change(Change.Kind.MODIFIED, entry.getKey()));
      }
    }
    for (String path : entries.keySet()) {
      if (!other.entries.containsKey(path)) {
        changes.put(path, new Change(Change.Kind.DELETED, path));
      }
    }
    return new ArrayList<>(changes.values());
  }

  private static final class Reader extends SimpleFileVisitor<Path> {

    private final Path root;
    private final SortedMap<String, String> entries = new TreeMap<>();

    Reader(Path root) {
      this.root = root;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      if (Thread.currentThread().isInterrupted()) {
        return FileVisitResult.TERMINATE;
      }
      return directory.equals(root) || !isLeftOut(directory)
          ? FileVisitResult.CONTINUE
          : FileVisitResult.SKIP_SUBTREE;
    }

    private static boolean isLeftOut(Path path) {
      String name = path.getFileName().toString();
      return name.equals(".git") || name.equals(".maestro");
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      if (Thread.currentThread().isInterrupted()) {
        return FileVisitResult.TERMINATE;
      }
      try {
        if (attributes.isSymbolicLink()) {
          put(file, "link " + Files.readSymbolicLink(file));
        } else if (attributes.isRegularFile() && !isLeftOut(file)) {
          put(file, regular(file, attributes));
        }
      } catch (NoSuchFileException vanished) {
        // it went between being listed and being read, so it is not there
      }
      return FileVisitResult.CONTINUE;
    }

    private static String regular(Path file, BasicFileAttributes attributes) throws IOException {
      return (Files.isExecutable(file) ? "program " : "file ")
          + attributes.size()
          + " "
          + contentHash(file);
    }

    private static String contentHash(Path file) throws IOException {
      MessageDigest digest = sha256();
      byte[] buffer = new byte[64 * 1024];
      try (InputStream in = Files.newInputStream(file)) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          digest.update(buffer, 0, read);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException failure)
        throws IOException {
      if (failure != null && !(failure instanceof NoSuchFileException)) {
        throw failure;
      }
      return FileVisitResult.CONTINUE;
    }

    /** Names that are no text in this machine's encoding may read the same: then all count. */
    private void put(Path file, String entry) {
      entries.merge(
          root.relativize(file).toString().replace(root.getFileSystem().getSeparator(), "/"),
          entry,
          (one, other) -> one.compareTo(other) <= 0 ? one + "\n" + other : other + "\n" + one);
    }
  }
}
