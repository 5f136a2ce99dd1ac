package dev.maestro.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.policy.Subject;
import dev.maestro.workspace.Change;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangedLinesTest {

  private static final String DIFF =
      """
      diff --git a/a.txt b/a.txt
      --- a/a.txt
      +++ b/a.txt
      @@ -1,3 +1,3 @@ void a()
       same
      --- was a rule
      +++ is a sum
       same
      @@ -9 +9 @@
      -old
      +new
      \\ No newline at end of file
      diff --git a/b.txt b/b.txt
      --- /dev/null
      +++ b/b.txt
      @@ -0,0 +1,2 @@
      +one
      +two
      """;

  private final ChangedLines lines = new ChangedLines(Secrets.NONE);

  @Test
  void countsWhatTheHunksSayAndTakesNoHeaderForALine() throws InterruptedException {
    Subject.Lines read = lines.of(DIFF, List.of(), path -> Optional.empty());

    assertThat(read.lines()).isEqualTo(6);
    assertThat(read.added()).isEqualTo("++ is a sum\nnew\none\ntwo\n");
  }

  @Test
  void whatADiffHidesIsReadFromWhatWasKept() throws InterruptedException {
    Map<String, byte[]> kept =
        Map.of(
            "b.txt", "hidden\u00e4".getBytes(StandardCharsets.UTF_16LE),
            "a.txt", "shown".getBytes(StandardCharsets.UTF_8));

    Subject.Lines read =
        lines.of(
            """
            diff --git a/a.txt b/a.txt
            --- a/a.txt
            +++ b/a.txt
            @@ -1 +1 @@
            -Binary files were
            +Binary files are
            diff --git a/b.txt b/b.txt
            index 1..2
            Binary files a/b.txt and b/b.txt differ
            """,
            List.of(
                new Change(Change.Kind.MODIFIED, "a.txt"),
                new Change(Change.Kind.MODIFIED, "b.txt")),
            path -> Optional.of(kept.get(path)));

    assertThat(read.lines()).isNull();
    assertThat(read.cut()).isFalse();
    assertThat(read.added()).startsWith("Binary files are\nhidden").doesNotContain("shown");
  }

  @Test
  void whatADiffHidesAndIsTooLongWasNotSeen() throws InterruptedException {
    Subject.Lines read =
        lines.of(
            "diff --git a/b.bin b/b.bin\nBinary files a/b.bin and b/b.bin differ\n",
            List.of(new Change(Change.Kind.ADDED, "b.bin")),
            path -> Optional.empty());

    assertThat(read.cut()).isTrue();
    assertThat(read.lines()).isNull();
  }

  @Test
  void nothingIsReadOfAHiddenFileThatIsGone() throws InterruptedException {
    Subject.Lines read =
        lines.of(
            "diff --git a/b.bin b/b.bin\nBinary files a/b.bin and /dev/null differ\n",
            List.of(new Change(Change.Kind.DELETED, "b.bin")),
            path -> Optional.empty());

    assertThat(read.cut()).isFalse();
  }

  @Test
  void whereNothingIsKeptItReadsTheFilesAndDoesNotCount(@TempDir Path directory)
      throws IOException {
    Files.writeString(directory.resolve("a.txt"), "here");
    Files.createSymbolicLink(directory.resolve("link"), Path.of("/etc/passwd"));

    Subject.Lines read =
        lines.of(
            directory,
            List.of(
                new Change(Change.Kind.ADDED, "a.txt"),
                new Change(Change.Kind.ADDED, "link"),
                new Change(Change.Kind.DELETED, "gone")));

    assertThat(read.lines()).isNull();
    assertThat(read.added()).isEqualTo("here\n");
  }
}
