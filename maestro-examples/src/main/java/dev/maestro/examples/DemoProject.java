package dev.maestro.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.lib.PersonIdent;

/** Makes the demo's repository: a small Java project with tests of its own, and one commit. */
final class DemoProject {

  private static final String ROOT = "shop/project/";
  private static final List<String> FILES =
      List.of(
          "README.md",
          "gitignore.txt",
          "src/main/java/shop/Cart.java.txt",
          "src/main/java/shop/Discount.java.txt",
          "src/main/java/shop/Item.java.txt",
          "src/test/java/shop/CartTest.java.txt");

  /** The test that was there before the agents came. */
  static final String GUARDED = "src/test/java/shop/CartTest.java";

  private DemoProject() {}

  static void create(Path directory, String branch) throws IOException {
    for (String file : FILES) {
      Path target = directory.resolve(nameInProject(file));
      Files.createDirectories(target.getParent());
      copy(ROOT + file, target);
    }
    try (Git git = Git.init().setDirectory(directory.toFile()).setInitialBranch(branch).call()) {
      git.add().addFilepattern(".").call();
      PersonIdent shop = new PersonIdent("Shop", "shop@localhost");
      git.commit()
          .setMessage("A cart of items")
          .setAuthor(shop)
          .setCommitter(shop)
          .setSign(false)
          .setNoVerify(true)
          .call();
    } catch (GitAPIException e) {
      throw new IOException("The demo's repository could not be made in " + directory, e);
    }
  }

  /** Sources carry a further ending here, so that no tool of ours takes them for its own. */
  private static String nameInProject(String file) {
    return file.equals("gitignore.txt") ? ".gitignore" : file.replace(".java.txt", ".java");
  }

  /** Copy a resource of the examples to a file. */
  static void copy(String resource, Path target) throws IOException {
    try (InputStream in = DemoProject.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("the examples lack their resource " + resource);
      }
      Files.write(target, in.readAllBytes());
    }
  }

  /** Delete a directory that this program made. */
  static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
