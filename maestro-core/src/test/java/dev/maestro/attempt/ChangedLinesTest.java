package dev.maestro.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.maestro.policy.Subject;
import dev.maestro.workspace.Change;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  void countsWhatTheHunksSayAndTakesNoHeaderForALine() {
    Subject.Lines read = lines.of(DIFF, Path.of("nowhere"), List.of());

    assertThat(read.lines()).isEqualTo(6);
    assertThat(read.added()).isEqualTo("++ is a sum\nnew\none\ntwo\n");
  }

  @Test
  void whatADiffHidesIsReadAsItStands(@TempDir Path directory) throws IOException {
    Files.write(directory.resolve("b.txt"), "hidden\u00e4".getBytes(StandardCharsets.UTF_16LE));
    Files.writeString(directory.resolve("a.txt"), "shown");

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
            directory,
            List.of(
                new Change(Change.Kind.MODIFIED, "a.txt"),
                new Change(Change.Kind.MODIFIED, "b.txt")));

    assertThat(read.lines()).isNull();
    assertThat(read.added()).startsWith("Binary files are\nhidden").doesNotContain("shown");
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
