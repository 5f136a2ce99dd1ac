package dev.maestro.gate;

import dev.maestro.workspace.PathGlobs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * How the tests that a gate runs are counted, so that their number may not fall.
 *
 * <p>Either by the reports that the gate writes, in the form of JUnit's XML, or by a line that it
 * prints. Reports of before are removed before the gate runs: what lies there already proves
 * nothing.
 *
 * @param reports which files are reports; none when a line is read
 * @param line a regular expression with a group {@code tests} and maybe one {@code skipped}; the
 *     last line that it is found in counts; null when reports are read
 */
public record TestCounting(PathGlobs reports, @Nullable String line) {

  private static final String TESTS = "tests";
  private static final String SKIPPED = "skipped";

  /** Check that there is one of the two, and that the expression can be read. */
  public TestCounting {
    Objects.requireNonNull(reports, "reports");
    if (reports.isEmpty() == (line == null)) {
      throw new IllegalArgumentException("tests are counted by reports or by a line");
    }
    if (line != null) {
      checkLine(line);
    }
  }

  private static void checkLine(String line) {
    try {
      Pattern.compile(line);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("'" + line + "' is no regular expression", e);
    }
    if (!line.contains("(?<" + TESTS + ">")) {
      throw new IllegalArgumentException(
          "'" + line + "' has no group '" + TESTS + "', as in (?<tests>\\d+)");
    }
  }

  /** {@return counting the cases in these reports} */
  public static TestCounting junit(String... globs) {
    return new TestCounting(PathGlobs.of(globs), null);
  }

  /** {@return counting by what is printed, as in {@code Tests: (?<tests>\d+)}} */
  public static TestCounting printed(String line) {
    return new TestCounting(new PathGlobs(List.of()), line);
  }

  /** Remove the reports that are there. */
  void begin(Path directory) throws IOException {
    for (Path report : find(directory)) {
      Files.deleteIfExists(report);
    }
  }

  /** {@return what the gate that has just run has counted, or empty when nothing says so} */
  Optional<TestCount> count(Path directory, String output, String tree) throws IOException {
    return line == null ? inReports(directory, tree) : inOutput(line, output, tree);
  }

  private static Optional<TestCount> inOutput(String line, String output, String tree) {
    Pattern pattern = Pattern.compile(line);
    Optional<TestCount> last = Optional.empty();
    for (String one : output.lines().toList()) {
      Matcher found = pattern.matcher(one);
      if (found.find()) {
        int total = number(found.group(TESTS));
        int skipped = line.contains("(?<" + SKIPPED + ">") ? number(found.group(SKIPPED)) : 0;
        last = Optional.of(new TestCount(Math.max(total, skipped), skipped, tree));
      }
    }
    return last;
  }

  /** What is no number counts as none: it can only make the gate fail. */
  private static int number(@Nullable String digits) {
    return digits != null && digits.matches("[0-9]{1,9}") ? Integer.parseInt(digits) : 0;
  }

  private Optional<TestCount> inReports(Path directory, String tree) throws IOException {
    List<Path> found = find(directory);
    int total = 0;
    int skipped = 0;
    for (Path report : found) {
      if (!Files.isRegularFile(report)) {
        // whoever opens a pipe waits for somebody to write into it
        throw new IOException(directory.relativize(report) + " is no file");
      }
      try (InputStream in = Files.newInputStream(report)) {
        XMLStreamReader xml = readers().createXMLStreamReader(in);
        while (xml.hasNext()) {
          if (xml.next() == XMLStreamConstants.START_ELEMENT) {
            total += xml.getLocalName().equals("testcase") ? 1 : 0;
            skipped += xml.getLocalName().equals("skipped") ? 1 : 0;
          }
        }
      } catch (XMLStreamException e) {
        throw new IOException(directory.relativize(report) + " is no report of tests", e);
      }
    }
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(new TestCount(Math.max(total, skipped), skipped, tree));
  }

  /** Reports come from whatever the gate has run: nothing outside of them is read. */
  private static XMLInputFactory readers() {
    XMLInputFactory readers = XMLInputFactory.newDefaultFactory();
    readers.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    readers.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    return readers;
  }

  private List<Path> find(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    if (reports.isEmpty()) {
      return found;
    }
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            return path.endsWith(".git") ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
            String name = directory.relativize(path).toString().replace('\\', '/');
            if (reports.matches(name)) {
              found.add(path);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path path, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              // what the gate left running may still tidy up behind itself
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }
        });
    return found;
  }
}
