package dev.maestro.testing;

import dev.maestro.workspace.PathGlobs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files below a directory at one moment, for telling what has changed since.
 *
 * <p>Neither modes nor empty directories count, nor what belongs to git or to Maestro.
 */
final class Footage {

  private static final List<String> NOT_WORK = List.of(".git", ".maestro");
  private static final String LINK = "link:";
  private static final String SPECIAL = "special";
  private static final int SHORT = 64 * 1024;
  private static final int DIGITS = 16;

  private final Path root;
  private final SortedMap<String, Shot> files;
  private final Eye eye;

  /** How files are read whole. */
  @FunctionalInterface
  interface Eye {

    byte[] read(Path file) throws IOException;
  }

  /**
   * One file.
   *
   * @param fingerprint what tells its content
   * @param text its content, or null where it is long, or none
   */
  private record Shot(String fingerprint, @Nullable String text) {

    boolean isFile() {
      return !fingerprint.startsWith(LINK) && !fingerprint.equals(SPECIAL);
    }
  }

  private Footage(Path root, SortedMap<String, Shot> files, Eye eye) {
    this.root = root;
    this.files = files;
    this.eye = eye;
  }

  static Footage of(Path root, PathGlobs ignored) throws IOException {
    return of(root, ignored, Files::readAllBytes);
  }

  static Footage of(Path root, PathGlobs ignored, Eye eye) throws IOException {
    SortedMap<String, Shot> files = new TreeMap<>();
    if (Files.isDirectory(root)) {
      Files.walkFileTree(root, new Taking(root, ignored, eye, files));
    }
    return new Footage(root, files, eye);
  }

  SortedMap<String, String> fingerprints() {
    SortedMap<String, String> all = new TreeMap<>();
    files.forEach((path, shot) -> all.put(path, shot.fingerprint()));
    return all;
  }

  /**
   * {@return what makes these files of those that there were before, without secrets}
   *
   * <p>Links and what is no file are left out: where a link leads is nobody's work here.
   */
  List<Deed> since(Footage before, Scrub scrub) throws IOException {
    List<Deed> deeds = new ArrayList<>();
    for (String gone : before.files.keySet()) {
      if (!files.containsKey(gone)) {
        deeds.add(new Deed.Deletes(gone));
      }
    }
    for (Map.Entry<String, Shot> file : files.entrySet()) {
      Shot was = before.files.get(file.getKey());
      boolean differs = was == null || !was.fingerprint().equals(file.getValue().fingerprint());
      if (differs && file.getValue().isFile()) {
        deeds.add(change(file.getKey(), was == null ? null : was.text(), scrub));
      }
    }
    return deeds;
  }

  private Deed change(String path, @Nullable String before, Scrub scrub) throws IOException {
    byte[] bytes = whole(path);
    String text = text(bytes);
    if (text == null) {
      String base64 = Base64.getEncoder().encodeToString(scrub.apply(bytes));
      return new Deed.WritesBinary(path, base64);
    }
    return before == null
        ? new Deed.Writes(path, scrub.apply(text))
        : Deed.Patches.of(path, before, text).hiding(scrub);
  }

  private byte[] whole(String path) throws IOException {
    Path file = root.resolve(path);
    long size = Files.size(file);
    if (size > RecordingAgent.LARGEST_FILE) {
      throw new IOException(
          "%s has %d bytes, and at most %d are recorded"
              .formatted(path, size, RecordingAgent.LARGEST_FILE));
    }
    return eye.read(file);
  }

  private static @Nullable String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      // it is something else than text
      return null;
    }
  }

  /** Looks at each file once. */
  private static final class Taking extends SimpleFileVisitor<Path> {

    private final Path root;
    private final PathGlobs ignored;
    private final Eye eye;
    private final SortedMap<String, Shot> files;

    Taking(Path root, PathGlobs ignored, Eye eye, SortedMap<String, Shot> files) {
      this.root = root;
      this.ignored = ignored;
      this.eye = eye;
      this.files = files;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      return isNotWork(directory) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      String path = root.relativize(file).toString().replace('\\', '/');
      if (!isNotWork(file) && !ignored.matches(path)) {
        files.put(path, shot(file, attributes));
      }
      return FileVisitResult.CONTINUE;
    }

    private static boolean isNotWork(Path file) {
      return NOT_WORK.contains(Objects.toString(file.getFileName()));
    }

    private Shot shot(Path file, BasicFileAttributes attributes) throws IOException {
      if (attributes.isSymbolicLink()) {
        return new Shot(LINK + Files.readSymbolicLink(file), null);
      }
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        return new Shot(SPECIAL, null);
      }
      if (attributes.size() > SHORT) {
        return new Shot(fingerprint(file), null);
      }
      byte[] bytes = eye.read(file);
      return new Shot(hex(sha256().digest(bytes)), text(bytes));
    }

    private static String fingerprint(Path file) throws IOException {
      MessageDigest digest = sha256();
      byte[] buffer = new byte[SHORT];
      try (InputStream in = Files.newInputStream(file)) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          digest.update(buffer, 0, read);
        }
      }
      return hex(digest.digest());
    }

    private static String hex(byte[] digest) {
      return HexFormat.of().formatHex(digest).substring(0, DIGITS);
    }

    private static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }
  }
}
