package dev.maestro.examples;

import dev.maestro.gate.Gate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.eclipse.jgit.lib.PersonIdent;

/** The demo's project with a test for something that is wished for and not there yet. */
final class WishedFor {

  static final String BRANCH = "main";

  /** What no agent may change: the wish itself is in it. */
  static final String TESTS = "src/test/**";

  /** The test, below the project. */
  static final String TEST = "src/test/java/shop/HalfPriceTest.java";

  /** What would fulfil the wish, below the project. */
  static final String CLASS = "src/main/java/shop/HalfPrice.java";

  private static final String WISH =
      """
      package shop;

      import static org.junit.jupiter.api.Assertions.assertEquals;

      import org.junit.jupiter.api.Test;

      class HalfPriceTest {

        @Test
        void halfOfAnOddTotalIsRoundedDown() {
          assertEquals(2, new HalfPrice().centsOff(new Cart().add(new Item("bun", 5))));
        }

        @Test
        void nothingIsTakenOffAnEmptyCart() {
          assertEquals(0, new HalfPrice().centsOff(new Cart()));
        }
      }
      """;

  private WishedFor() {}

  /** Make the repository. */
  static Path in(Path home) throws IOException {
    Path repository = home.resolve("repository");
    DemoProject.create(repository, BRANCH);
    Files.writeString(repository.resolve(TEST), WISH);
    PersonIdent shop = new PersonIdent("Shop", "shop@localhost");
    try (Git git = Git.open(repository.toFile())) {
      git.add().addFilepattern(".").call();
      git.commit()
          .setMessage("Half price is wished for")
          .setAuthor(shop)
          .setCommitter(shop)
          .setSign(false)
          .setNoVerify(true)
          .call();
    } catch (GitAPIException e) {
      throw new IOException("the wish could not be committed in " + repository, e);
    }
    return repository;
  }

  /** {@return the gate that compiles the project and runs its tests, which it puts back first} */
  static Gate gate() {
    List<String> check = FeatureDeliveryMain.demoCheck();
    String[] arguments = check.subList(1, check.size()).toArray(String[]::new);
    return Gate.command(check.get(0), arguments)
        .named("project check")
        .protects(TESTS)
        .timeout(Duration.ofMinutes(10));
  }

  /**
   * {@return a line for a shell that writes the class}
   *
   * @param centsOff what is taken off, as Java
   */
  static String write(String centsOff) {
    return "printf '%s\\n' 'package shop;' 'public final class HalfPrice implements Discount {'"
        + " '  public int centsOff(Cart cart) { return "
        + centsOff
        + "; }' '}' > "
        + CLASS;
  }
}
