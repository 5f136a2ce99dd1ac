package dev.maestro.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.maestro.Vectors;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Reach;
import dev.maestro.policy.Subject;
import dev.maestro.policy.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class WorkspacePathsTest {

  @TempDir Path directory;
  private Path work;

  @BeforeEach
  void makeFiles() throws IOException {
    work = Files.createDirectories(directory.resolve("work"));
    Files.createDirectories(work.resolve("config"));
    Files.createDirectories(work.resolve("src"));
    Files.writeString(work.resolve("config/app.yml"), "a: 1\n");
    Files.createSymbolicLink(work.resolve("src/link"), Path.of("../config"));
    Files.createSymbolicLink(work.resolve("src/nowhere"), Path.of("../config/new.yml"));
    Files.createSymbolicLink(work.resolve("src/loop"), Path.of("loop"));
    Files.createSymbolicLink(work.resolve("out"), directory);
  }

  private List<String> names(String path) {
    return new WorkspacePaths(work).apply(path).names();
  }

  @Test
  void aPathIsKnownByItsNormalNameAndByWhereItsLinksLead() {
    assertThat(names("./config/../config/app.yml")).containsExactly("config/app.yml");
    assertThat(names(work.resolve("src/A.java").toString())).containsExactly("src/A.java");
    assertThat(names("src/link/app.yml")).containsExactly("src/link/app.yml", "config/app.yml");
    assertThat(names("src/link/deep/new.yml")).contains("config/deep/new.yml");
    assertThat(names("src/nowhere")).containsExactly("src/nowhere", "config/new.yml");
  }

  private boolean isInside(String path) {
    return new WorkspacePaths(work).apply(path).inside();
  }

  @Test
  void whatIsOutsideOrNowhereHasNoName() {
    assertThat(names("../other")).isEmpty();
    assertThat(names("/etc/passwd")).isEmpty();
    assertThat(names("src/link/../../../other")).isEmpty();
    assertThat(names("a\0b")).isEmpty();
    assertThat(isInside("/etc/passwd")).isFalse();
    assertThat(isInside("a\0b")).isFalse();
  }

  @Test
  void whatALinkLeadsOutOfTheWorkspaceKeepsTheNameThatItHasInIt() {
    assertThat(names("out/other")).containsExactly("out/other");
    assertThat(isInside("out/other")).isFalse();
    assertThat(names("src/loop/x")).containsExactly("src/loop/x");
    assertThat(isInside("src/loop/x")).isFalse();
    assertThat(isInside("src/link/app.yml")).isTrue();
  }

  @Test
  void aProtectedPathIsProtectedWhereverALinkLeads() throws IOException {
    Path elsewhere = Files.createDirectories(directory.resolve("elsewhere"));
    Files.createSymbolicLink(work.resolve("secrets"), elsewhere);
    Files.createSymbolicLink(elsewhere.resolve("back"), work.resolve("config"));

    assertThat(edit(Guardrail.paths("secrets/**"), "secrets/key"))
        .isInstanceOf(Verdict.Refuse.class);
    assertThat(edit(Guardrail.paths("config/**"), elsewhere.resolve("back/app.yml").toString()))
        .isInstanceOf(Verdict.Refuse.class);
    assertThat(edit(Guardrail.writes("secrets/**"), "secrets/key"))
        .as("what is outside may not be written at all")
        .isInstanceOf(Verdict.Refuse.class);
  }

  /** What the requirements' sources say of protected paths, with the links made for real. */
  @TestFactory
  Stream<DynamicTest> vectors() {
    return Vectors.cases(
        "safety.json",
        sample -> {
          if (sample.path("op").asText().equals("protected")) {
            check(sample.path("given"), sample.path("expected"));
          }
        });
  }

  private void check(JsonNode given, JsonNode expected) {
    String[] globs = texts(given.path("protected")).toArray(String[]::new);
    List<String> paths =
        given.has("path") ? List.of(given.path("path").asText()) : texts(given.path("paths"));
    List<String> decisions = new ArrayList<>();
    for (String path : paths) {
      Verdict verdict = edit(Guardrail.paths(globs), linked(path));
      decisions.add(verdict.getClass().getSimpleName().toLowerCase(Locale.ROOT));
    }
    assertThat(decisions)
        .isEqualTo(
            expected.has("decision")
                ? List.of(expected.path("decision").asText())
                : texts(expected.path("decisions")));
  }

  /** Make the link that the sample speaks of. */
  private String linked(String path) {
    String[] link = path.split(" -> ");
    if (link.length == 2) {
      try {
        Path made = work.resolve(link[0]);
        Files.createDirectories(made.getParent());
        Files.createSymbolicLink(made, made.getParent().relativize(work.resolve(link[1])));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return link[0];
  }

  private Verdict edit(Guardrail guardrail, String path) {
    JsonNode input = JsonNodeFactory.instance.objectNode().put("file_path", path);
    Reach reach = Reach.ofTool("Edit", input, new WorkspacePaths(work));
    return guardrail.check(new Subject.Tool("Edit", reach)).orElseThrow().verdict();
  }

  private static List<String> texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
  }
}
