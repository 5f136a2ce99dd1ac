package dev.maestro.git;

import dev.maestro.failure.PermanentException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.attributes.Attribute;
import org.eclipse.jgit.attributes.AttributesNode;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.treewalk.TreeWalk;

/**
 * Finds attributes that JGit ignores, or takes for others, and that would put wrong bytes on disk
 * or into commits.
 */
final class AttributeProbe {

  /** Elsewhere Java takes names it does not know for others, which would be gone from the tree. */
  private static final boolean NAMES_ARE_UTF_8 =
      "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding", "UTF-8"))
          || File.separatorChar == '\\';

  private final GitRepository repository;

  AttributeProbe(GitRepository repository) {
    this.repository = repository;
  }

  /** Refuse the tree if only native git would get it right. */
  void requireNoneThatNeedGit(ObjectId tree) {
    Optional<String> found =
        Border.call(
            "read the attributes of " + tree.name(),
            () -> {
              Optional<String> shared = inSharedFile();
              return shared.isPresent() ? shared : inTree(tree);
            });
    found.ifPresent(
        what -> {
          throw new PermanentException(
              "the repository "
                  + repository.place()
                  + " uses "
                  + what
                  + ", which only native git handles; install git");
        });
  }

  private Optional<String> inSharedFile() throws IOException {
    Path file = repository.common().resolve("info/attributes");
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in(in, "info/attributes");
    }
  }

  private Optional<String> inTree(ObjectId tree) throws IOException {
    try (TreeWalk walk = new TreeWalk(repository.jgit())) {
      walk.addTree(tree);
      while (walk.next()) {
        if (!NAMES_ARE_UTF_8 && !isAscii(walk.getRawPath())) {
          return Optional.of(
              "names beyond ASCII, as in "
                  + walk.getPathString()
                  + ", while Java runs in a locale without UTF-8");
        }
        if (!isText(walk.getRawPath())) {
          return Optional.of("names that are not in UTF-8, as in " + walk.getPathString());
        }
        if (walk.isSubtree()) {
          walk.enterSubtree();
        } else if (walk.getNameString().equals(Constants.DOT_GIT_ATTRIBUTES)) {
          try (InputStream in = walk.getObjectReader().open(walk.getObjectId(0)).openStream()) {
            Optional<String> found = in(in, walk.getPathString());
            if (found.isPresent()) {
              return found;
            }
          }
        }
      }
    }
    return Optional.empty();
  }

  /** JGit takes others for Latin-1, and would write files of other names. */
  private static boolean isText(byte[] name) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static boolean isAscii(byte[] name) {
    for (byte b : name) {
      if (b < 0) {
        return false;
      }
    }
    return true;
  }

  private Optional<String> in(InputStream file, String name) throws IOException {
    AttributesNode node = new AttributesNode();
    node.parse(file);
    return node.getRules().stream()
        .flatMap(rule -> rule.getAttributes().stream())
        .filter(this::needsGit)
        .findFirst()
        .map(attribute -> "the attribute '" + attribute + "' in " + name);
  }

  private boolean needsGit(Attribute attribute) {
    String value = Optional.ofNullable(attribute.getValue()).orElse("");
    return switch (attribute.getKey()) {
      case "ident" -> attribute.getState() == Attribute.State.SET;
      case "working-tree-encoding" -> !value.isEmpty();
      case "filter" -> !value.isEmpty() && isBeyondJGit(value);
      case "merge" -> value.equals("union") || hasDriver(value);
      default -> false;
    };
  }

  private boolean isBeyondJGit(String filter) {
    Config config = repository.config();
    return filter.equals("lfs")
        || config.getString("filter", filter, "process") != null
        || config.getBoolean("filter", filter, "required", false)
            && !List.of("clean", "smudge").stream()
                .allMatch(side -> config.getString("filter", filter, side) != null);
  }

  private boolean hasDriver(String merge) {
    return !merge.isEmpty() && repository.config().getString("merge", merge, "driver") != null;
  }
}
