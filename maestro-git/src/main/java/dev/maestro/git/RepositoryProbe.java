package dev.maestro.git;

import dev.maestro.failure.PermanentException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.util.SystemReader;

/**
 * Finds what a repository uses that would be harmed or misread, and refuses it before anything is
 * written.
 */
final class RepositoryProbe {

  private static final Set<String> HARMLESS =
      Set.of(
          "noop",
          "preciousobjects",
          "relativeworktrees",
          "objectformat",
          "refstorage",
          "partialclone",
          "worktreeconfig");

  private final Path place;
  private final Path common;
  private final Config config;

  RepositoryProbe(GitRepository repository) {
    this.place = repository.place();
    this.common = repository.common();
    this.config = repository.config();
  }

  /** Refuse the repository if nobody here can serve it. */
  void requireUsable(Optional<NativeGit> git) throws InterruptedException {
    beyondEverybody().ifPresent(this::refuse);
    if (git.isPresent()) {
      requireTrusted(git.get());
    } else {
      Border.call("look at " + place, this::beyondJGit)
          .ifPresent(what -> refuse(what + ", which only native git handles; install git"));
      requireOwn();
    }
  }

  private void refuse(String what) {
    throw new PermanentException("the repository " + place + " uses " + what);
  }

  private Optional<String> beyondEverybody() {
    if (!extension("objectformat", "sha1").equals("sha1")) {
      return Optional.of(
          "%s object ids; Maestro can only use sha1".formatted(extension("objectformat", "sha1")));
    }
    if (!extension("refstorage", "files").equals("files")) {
      return Optional.of(
          "%s for its refs; Maestro can only use files"
              .formatted(extension("refstorage", "files")));
    }
    return config.getNames("extensions").stream()
        .filter(name -> !HARMLESS.contains(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .map(name -> "the extension '" + name + "', which Maestro does not know");
  }

  private String extension(String name, String otherwise) {
    String value = config.getString("extensions", null, name);
    return value == null ? otherwise : value.toLowerCase(Locale.ROOT);
  }

  private Optional<String> beyondJGit() throws IOException {
    if (config.getString("extensions", null, "partialclone") != null || hasPromisor()) {
      return Optional.of("a partial clone");
    }
    if (config.getBoolean("extensions", "worktreeconfig", false)) {
      return Optional.of("configuration for single worktrees");
    }
    if (config.getBoolean("core", "sparsecheckout", false)
        || config.getBoolean("index", "sparse", false)) {
      return Optional.of("a sparse checkout");
    }
    return config.getBoolean("core", "splitindex", false) || hasSharedIndex()
        ? Optional.of("a split index")
        : Optional.empty();
  }

  private boolean hasPromisor() {
    return config.getSubsections("remote").stream()
        .anyMatch(remote -> config.getBoolean("remote", remote, "promisor", false));
  }

  private boolean hasSharedIndex() throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(common, "sharedindex.*")) {
      return found.iterator().hasNext();
    }
  }

  /** Git refuses another user's repository unless told that it is safe, and so does Maestro. */
  private void requireTrusted(NativeGit git) throws InterruptedException {
    NativeGit.Output answer = git.discover(place);
    if (answer.exitCode() != 0) {
      throw new PermanentException(
          "git will not use the repository " + place + ": " + answer.err().strip());
    }
  }

  /** Filters named in another user's configuration would run as this one. */
  private void requireOwn() {
    UserPrincipal owner = Border.call("look at " + common, () -> Files.getOwner(common));
    UserPrincipal self = Border.call("look at the user", RepositoryProbe::self);
    List<String> safe = Border.call("read the user's configuration", RepositoryProbe::safe);
    if (!owner.equals(self) && !safe.contains("*") && !safe.contains(place.toString())) {
      throw new PermanentException(
          "the repository "
              + place
              + " belongs to "
              + owner.getName()
              + "; if you trust it, run: git config --global --add safe.directory "
              + place);
    }
  }

  /** The repository's own configuration has no say in this. */
  private static List<String> safe() throws IOException {
    try {
      return List.of(
          SystemReader.getInstance().getUserConfig().getStringList("safe", null, "directory"));
    } catch (ConfigInvalidException e) {
      throw new IOException("the user's git configuration cannot be read", e);
    }
  }

  private static UserPrincipal self() throws IOException {
    Path mine = Files.createTempFile("maestro-git", ".owner");
    try {
      return Files.getOwner(mine);
    } finally {
      Files.delete(mine);
    }
  }
}
