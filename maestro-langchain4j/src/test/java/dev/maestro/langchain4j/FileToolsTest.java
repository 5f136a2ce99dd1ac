package dev.maestro.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileToolsTest {

  private static final List<Tool> ALL =
      Stream.concat(FileTools.reading().stream(), FileTools.writing().stream()).toList();

  @TempDir Path place;
  private Path directory;
  private Path outside;
  private Desks desks;

  @BeforeEach
  void makeDirectories() throws IOException {
    directory = Files.createDirectory(place.resolve("workspace"));
    outside = Files.writeString(place.resolve("outside.txt"), "secret");
    Files.createDirectories(directory.resolve("src/main"));
    Files.writeString(
        directory.resolve("src/main/Cart.java"), "class Cart {\n  int limit = 3;\n}\n");
    Files.writeString(directory.resolve("README.md"), "A cart. Limit it.\n");
    desks = new Desks(directory, 10_000);
  }

  @AfterEach
  void closeDesk() {
    desks.close();
  }

  private Tool.Outcome use(String tool, Map<String, ?> input) throws Exception {
    return desks.use(
        ALL.stream().filter(each -> each.name().equals(tool)).findFirst().orElseThrow(), input);
  }

  // ------------------------------------------------------------------ what they do

  @Test
  void readsAFileAndLinesOfIt() throws Exception {
    assertThat(use("read_file", Map.of("path", "src/main/Cart.java")).text())
        .isEqualTo("class Cart {\n  int limit = 3;\n}\n");
    assertThat(
            use("read_file", Map.of("path", "src/main/Cart.java", "first_line", 2, "lines", 1))
                .text())
        .isEqualTo("  int limit = 3;\n[there is more: go on with first_line 3]");
    assertThat(use("read_file", Map.of("path", "src/main/Cart.java", "first_line", 9)).text())
        .isEqualTo("[no lines there]");
  }

  @Test
  void listsFindsAndSearches() throws Exception {
    assertThat(use("list_files", Map.of()).text()).isEqualTo("README.md\nsrc/");
    assertThat(use("list_files", Map.of("path", "src")).text()).isEqualTo("main/");
    assertThat(use("find_files", Map.of("pattern", "**/*.java")).text())
        .isEqualTo("src/main/Cart.java");
    assertThat(use("search_files", Map.of("text", "limit")).text())
        .isEqualTo("src/main/Cart.java:2: int limit = 3;");
    assertThat(use("search_files", Map.of("text", "limit", "ignore_case", true)).text())
        .isEqualTo("README.md:1: A cart. Limit it.\nsrc/main/Cart.java:2: int limit = 3;");
    assertThat(use("search_files", Map.of("text", "limit", "pattern", "*.md")).text())
        .isEqualTo("[no line contains it]");
  }

  @Test
  void writesAndEdits() throws Exception {
    assertThat(use("write_file", Map.of("path", "docs/a/b.md", "content", "one\none\n")).ok())
        .isTrue();
    Map<String, Object> edit = Map.of("path", "docs/a/b.md", "old_text", "one", "new_text", "$2");

    Tool.Outcome twice = use("edit_file", edit);
    Tool.Outcome all =
        use(
            "edit_file",
            Map.of("path", "docs/a/b.md", "old_text", "one", "new_text", "$2", "all", true));
    Tool.Outcome none = use("edit_file", edit);

    assertThat(twice.text()).contains("is in 'docs/a/b.md' 2 times");
    assertThat(all.ok()).isTrue();
    assertThat(none.text()).contains("is not in 'docs/a/b.md'");
    assertThat(directory.resolve("docs/a/b.md")).hasContent("$2\n$2\n");
  }

  @Test
  void leavesAloneWhatIsNoText() throws Exception {
    Path binary = directory.resolve("a.bin");
    Files.write(binary, new byte[] {'a', (byte) 0xff, 'a'});

    assertThat(
            use("edit_file", Map.of("path", "a.bin", "old_text", "a", "new_text", "b", "all", true))
                .text())
        .contains("is no UTF-8 text");
    assertThat(Files.readAllBytes(binary)).hasSize(3);
    assertThat(use("read_file", Map.of("path", "a.bin")).text()).isEqualTo("a\ufffda\n");
  }

  // ------------------------------------------------------------------ what they do not

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../outside.txt",
        "src/../../outside.txt",
        "link.txt",
        "linked/outside.txt",
        "dangling.txt",
        "loop.txt"
      })
  void noPathLeadsOutOfTheWorkspace(String path) throws Exception {
    Files.createSymbolicLink(directory.resolve("link.txt"), outside);
    Files.createSymbolicLink(directory.resolve("linked"), place);
    Files.createSymbolicLink(directory.resolve("dangling.txt"), place.resolve("new.txt"));
    Files.createSymbolicLink(directory.resolve("loop.txt"), Path.of("loop.txt"));

    Tool.Outcome read = use("read_file", Map.of("path", path));
    Tool.Outcome write = use("write_file", Map.of("path", path, "content", "changed"));
    Tool.Outcome edit =
        use("edit_file", Map.of("path", path, "old_text", "secret", "new_text", "changed"));

    assertThat(List.of(read, write, edit))
        .allSatisfy(outcome -> assertThat(outcome.ok()).isFalse())
        .allSatisfy(outcome -> assertThat(outcome.text()).doesNotContain("secret"));
    assertThat(outside).hasContent("secret");
    assertThat(place.resolve("new.txt")).doesNotExist();
  }

  @Test
  void anAbsolutePathIsFineInsideAndRefusedOutside() throws Exception {
    assertThat(use("read_file", Map.of("path", directory.resolve("README.md").toString())).ok())
        .isTrue();
    assertThat(use("read_file", Map.of("path", outside.toString())).text())
        .contains("outside of the workspace");
  }

  @Test
  void aLinkInsideIsFollowed() throws Exception {
    Files.createSymbolicLink(directory.resolve("cart"), Path.of("src/main/Cart.java"));

    assertThat(use("read_file", Map.of("path", "cart")).text()).startsWith("class Cart");
  }

  @Test
  void whatGitAndMaestroKeepIsNeitherListedReadNorWritten() throws Exception {
    Files.createDirectories(directory.resolve(".git/hooks"));
    Files.writeString(directory.resolve(".git/config"), "limit = 9\n");

    assertThat(use("list_files", Map.of()).text()).isEqualTo("README.md\nsrc/");
    assertThat(use("search_files", Map.of("text", "limit = 9")).text()).startsWith("[no line");
    assertThat(use("write_file", Map.of("path", ".git/hooks/pre-commit", "content", "rm")).text())
        .contains("kept by git or Maestro");
    assertThat(use("write_file", Map.of("path", "a/.maestro", "content", "x")).ok()).isFalse();
    assertThat(use("write_file", Map.of("path", ".GIT/config", "content", "x")).ok()).isFalse();
    assertThat(use("read_file", Map.of("path", ".git/config")).text()).doesNotContain("limit");
    assertThat(use("list_files", Map.of("path", ".git")).text()).doesNotContain("hooks");
  }

  @Test
  @Timeout(300)
  void aPipeIsNotOpened() throws Exception {
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThat(use("write_file", Map.of("path", "pipe", "content", "x")).text())
        .contains("is no file that could be read or written");
    assertThat(use("read_file", Map.of("path", "pipe")).ok()).isFalse();
    assertThat(use("search_files", Map.of("text", "x y z")).ok()).isTrue();
  }

  @Test
  void aFileThatHasAnotherNameOutsideIsNotChangedThere() throws Exception {
    Path shared = directory.resolve("shared.sh");
    Files.createLink(shared, outside);
    Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rwxr-x---"));

    Tool.Outcome edited =
        use("edit_file", Map.of("path", "shared.sh", "old_text", "secret", "new_text", "mine"));

    assertThat(edited.ok()).isTrue();
    assertThat(shared).hasContent("mine");
    assertThat(outside).hasContent("secret");
    assertThat(Files.getPosixFilePermissions(shared))
        .isEqualTo(Files.getPosixFilePermissions(outside));
    assertThat(use("list_files", Map.of()).text()).isEqualTo("README.md\nshared.sh\nsrc/");
  }

  @Test
  void noEditMakesAFileLargerThanCanBeRead() throws Exception {
    Files.writeString(directory.resolve("a.txt"), "a".repeat(100_000));

    Tool.Outcome edited =
        use(
            "edit_file",
            Map.of("path", "a.txt", "old_text", "a", "new_text", "b".repeat(1 << 20), "all", true));

    assertThat(edited.text()).isEqualTo("'a.txt' would become larger than 8 MiB");
    assertThat(Files.size(directory.resolve("a.txt"))).isEqualTo(100_000);
  }

  @Test
  void aLineThatNoFileHasIsNotThere() throws Exception {
    assertThat(
            use("read_file", Map.of("path", "README.md", "first_line", Integer.MAX_VALUE)).text())
        .isEqualTo("[no lines there]");
  }

  @Test
  void saysWhatIsWrongWithAPatternOrAPath() throws Exception {
    assertThat(use("find_files", Map.of("pattern", "/etc/*")).text()).contains("must be relative");
    assertThat(use("read_file", Map.of("path", "src")).text()).contains("is a directory");
    assertThat(use("read_file", Map.of("path", "a\0b")).ok()).isFalse();
    assertThat(use("read_file", Map.of("path", "README.md", "first_line", 0)).text())
        .contains("at least 1");
    assertThat(use("list_files", Map.of("path", "nowhere")).text()).contains("no directory");
  }

  @Test
  void aSearchEndsWithItsLaunch() {
    desks.cancel();

    assertThatThrownBy(() -> use("search_files", Map.of("text", "limit")))
        .isInstanceOf(StoppedException.class);
  }

  @Test
  void theNamesOfFilesMayBeAnything() throws Exception {
    String name = "Ümläut & co.txt";
    Files.writeString(directory.resolve(name), "limit = 7", StandardCharsets.UTF_8);

    assertThat(use("search_files", Map.of("text", "limit = 7")).text())
        .isEqualTo(name + ":1: limit = 7");
  }
}
