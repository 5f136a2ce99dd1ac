package dev.maestro.testing.crash;

import dev.maestro.approval.QuestionId;
import dev.maestro.task.Actor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one point: the scenario's world, the store, what the JVMs said, and an image of
 * the first two that can be put back to where it was taken.
 */
record Place(Path directory) {

  Path world() {
    return directory.resolve("world");
  }

  Path store() {
    return directory.resolve("store");
  }

  Path log() {
    return directory.resolve("jvm.log");
  }

  /** Names of questions and of who has answered them, one a line; what the run has taken. */
  private Path answers() {
    return directory.resolve("answers");
  }

  /** Note that the run has taken an answer: from then on it must not be lost. */
  void noteAnswer(QuestionId question, Actor actor) throws IOException {
    Files.writeString(
        answers(),
        question + " " + actor + "\n",
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** {@return the answers that the run has taken, as they were noted} */
  List<String> answered() throws IOException {
    return Files.exists(answers()) ? Files.readAllLines(answers()) : List.of();
  }

  private Path image() {
    return directory.resolve("image");
  }

  /** Begin with what stands in another place. */
  void copyFrom(Place other) throws IOException {
    copy(other.world(), world());
    copy(other.store(), store());
    Files.deleteIfExists(answers());
    if (Files.exists(other.answers())) {
      Files.copy(other.answers(), answers());
    }
  }

  /** Keep a copy of world and store as they are now. */
  void takeImage() throws IOException {
    new Place(image()).copyFrom(this);
  }

  /** Put world and store back to how the image shows them, at the same paths. */
  void putBack() throws IOException {
    delete(world());
    delete(store());
    copyFrom(new Place(image()));
  }

  /** {@return the store of the image} */
  Path storeOfImage() {
    return new Place(image()).store();
  }

  void delete() throws IOException {
    delete(directory);
  }

  /** What vanishes meanwhile is left out: a process that a kill has orphaned may still be there. */
  static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(target(path));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            try {
              Files.copy(
                  path,
                  target(path),
                  StandardCopyOption.COPY_ATTRIBUTES,
                  LinkOption.NOFOLLOW_LINKS);
            } catch (NoSuchFileException e) {
              // It has just vanished.
              Files.deleteIfExists(target(path));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
            return unlessVanished(e);
          }

          private Path target(Path path) {
            return to.resolve(from.relativize(path));
          }
        });
  }

  static void delete(Path root) throws IOException {
    if (Files.notExists(root)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(path);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
            return unlessVanished(e);
          }

          @Override
          public FileVisitResult postVisitDirectory(Path path, @Nullable IOException e)
              throws IOException {
            Files.deleteIfExists(path);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static FileVisitResult unlessVanished(IOException e) throws IOException {
    if (e instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE;
    }
    throw e;
  }
}
