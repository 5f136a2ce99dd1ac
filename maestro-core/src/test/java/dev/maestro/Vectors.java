package dev.maestro;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.ThrowingConsumer;
import org.opentest4j.TestAbortedException;

/**
 * The sample cases of the rules, one JSON file a rule, as one dynamic test a case.
 *
 * <p>Files come from {@code vectors/} on the test class path or, when the system property {@value
 * #DIRECTORY} names a directory, from there and only from there. A missing file, a file without
 * cases and an {@linkplain #unknownOp unknown op} fail. A case marked {@code "ambiguous": true} is
 * run and reported as aborted when it does not hold, but never fails.
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> cases() {
 *   return Vectors.cases("spec_parse.json", sample -> assertThat(...).isEqualTo(...));
 * }
 * }</pre>
 */
public final class Vectors {

  /** The system property that names another directory of files with the same names and format. */
  public static final String DIRECTORY = "maestro.vectors";

  private static final JsonMapper JSON = new JsonMapper();

  private Vectors() {}

  /** {@return one test for each case of the file, named by its id and name} */
  public static Stream<DynamicTest> cases(String file, ThrowingConsumer<JsonNode> check) {
    JsonNode cases = read(file).path("cases");
    if (cases.isEmpty()) {
      throw new AssertionError(file + " has no cases");
    }
    return StreamSupport.stream(cases.spliterator(), false)
        .map(sample -> DynamicTest.dynamicTest(title(sample), () -> run(sample, check)));
  }

  /** {@return the whole file, with its rules and tables} */
  public static JsonNode read(String file) {
    try (InputStream content = open(file)) {
      return JSON.readTree(content);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /**
   * {@return what to throw for a case whose {@code op} the test does not know; always a failure}
   */
  public static AssertionError unknownOp(JsonNode sample) {
    return new UnknownOpError(sample);
  }

  private static void run(JsonNode sample, ThrowingConsumer<JsonNode> check) throws Throwable {
    if (!sample.path("ambiguous").asBoolean()) {
      check.accept(sample);
      return;
    }
    try {
      check.accept(sample);
    } catch (UnknownOpError e) {
      throw e;
    } catch (AssertionError | RuntimeException e) {
      throw new TestAbortedException("ambiguous case, seen differently: " + e.getMessage(), e);
    }
  }

  private static String title(JsonNode sample) {
    return sample.path("id").asText() + " " + sample.path("name").asText();
  }

  private static InputStream open(String file) throws IOException {
    String directory = System.getProperty(DIRECTORY);
    if (directory != null) {
      return Files.newInputStream(Path.of(directory, file));
    }
    InputStream content = Vectors.class.getResourceAsStream("/vectors/" + file);
    if (content == null) {
      throw new AssertionError("no vectors/" + file + " on the test class path");
    }
    return content;
  }

  private static final class UnknownOpError extends AssertionError {

    private static final long serialVersionUID = 1L;

    UnknownOpError(JsonNode sample) {
      super("unknown op '" + sample.path("op").asText() + "' in case " + title(sample));
    }
  }
}
