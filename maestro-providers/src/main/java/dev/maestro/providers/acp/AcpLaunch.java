package dev.maestro.providers.acp;

import dev.maestro.providers.Rights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What one launch is about.
 *
 * @param directory where the agent works; absolute
 * @param session the session to go on with; empty for a new one
 * @param mode the mode of the agent in which it asks as it should; empty for its own
 * @param model the model to work with; empty for its own
 * @param prompt what to do
 * @param rights what it may do where no rule objects
 * @param asks whether it asks before it uses tools
 * @param counting how it tells what it used up
 */
record AcpLaunch(
    Path directory,
    Optional<String> session,
    Optional<String> mode,
    Optional<String> model,
    String prompt,
    Rights rights,
    boolean asks,
    Counting counting) {

  /** What git and Maestro keep is no file of the workspace: git runs what stands in some of it. */
  private static final Set<String> KEPT = Set.of(".git", ".maestro");

  /**
   * {@return whether the rights cover the use of the tool; what is not clear they do not, such as
   * reading that does not say what}
   */
  boolean grants(ToolCall call) {
    return switch (call.kind()) {
      case "read", "search" -> rights == Rights.ALL || areInside(call.named());
      case "think" -> true;
      case "edit", "delete", "move" ->
          rights == Rights.ALL
              || rights == Rights.EDIT && areInside(call.paths()) && areInside(call.named());
      default -> rights == Rights.ALL;
    };
  }

  private boolean areInside(Set<String> paths) {
    return !paths.isEmpty() && paths.stream().allMatch(this::isInside);
  }

  /** An address, and a home directory for a tool to find, only look like names in the workspace. */
  private boolean isInside(String given) {
    if (given.startsWith("~") || given.contains("://")) {
      return false;
    }
    try {
      Path path = directory.resolve(given).normalize();
      Path real = real(path);
      Path root = directory.toRealPath();
      return real != null && real.startsWith(root) && !isKept(root.relativize(real));
    } catch (InvalidPathException | IOException e) {
      return false; // what cannot be found out is not known to be inside
    }
  }

  /** There are file systems that do not tell capitals apart. */
  private static boolean isKept(Path within) {
    return StreamSupport.stream(within.spliterator(), false)
        .anyMatch(part -> KEPT.contains(part.toString().toLowerCase(Locale.ROOT)));
  }

  /** What does not exist yet is below what does; a link that leads nowhere leads nowhere. */
  private static @Nullable Path real(Path path) throws IOException {
    if (Files.exists(path)) {
      return path.toRealPath();
    }
    Path parent = path.getParent();
    if (parent == null || Files.isSymbolicLink(path)) {
      return null;
    }
    Path above = real(parent);
    return above == null ? null : above.resolve(path.getFileName());
  }
}
