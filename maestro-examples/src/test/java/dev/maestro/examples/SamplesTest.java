package dev.maestro.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.maestro.pipeline.PipelineFormat;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/**
 * The code in the README and the documentation is true.
 *
 * <p>A block of Java compiles as it stands. A fragment names where it is taken from, in the line
 * above the block: {@code <!-- sample: QuickStartTest quick-start -->} is what stands in that test
 * between {@code // sample: quick-start} and {@code // sample: end}, but for blanks. A block of
 * YAML is a pipeline.
 */
class SamplesTest {

  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK =
      Pattern.compile(
          "(?:<!-- sample: (?<test>\\w+) (?<region>[\\w-]+) -->\\R)?"
              + "^```(?<language>java|yaml)\\R(?<text>.*?)^```$",
          Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern PUBLIC_TYPE =
      Pattern.compile("public (?:final |sealed )*(?:class|record|interface|enum) (\\w+)");

  @TempDir Path classes;

  @TestFactory
  Stream<DynamicTest> everyBlockOfCodeIsTrue() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      String text = Files.readString(page);
      Matcher block = BLOCK.matcher(text);
      while (block.find()) {
        long line = text.substring(0, block.start("text")).lines().count();
        Block found = new Block(block);
        tests.add(DynamicTest.dynamicTest(page + ":" + line, () -> check(found)));
      }
    }
    return tests.stream();
  }

  @Test
  void theReadmeBeginsWithAProgramThatIsATest() throws IOException {
    Matcher block = BLOCK.matcher(Files.readString(ROOT.resolve("README.md")));

    assertThat(block.find()).isTrue();
    assertThat(block.group("test")).isNotNull();
  }

  /** Of a block of XML, what it depends on of Maestro is there, in the version that it names. */
  @Test
  void theReadmeDependsOnWhatThereIs() throws Exception {
    String readme = Files.readString(ROOT.resolve("README.md"));
    Matcher block = Pattern.compile("```xml\\R(.*?)```", Pattern.DOTALL).matcher(readme);
    List<String> found = new ArrayList<>();
    while (block.find()) {
      NodeList artifacts = xml("<x>" + block.group(1) + "</x>").getElementsByTagName("artifactId");
      for (int i = 0; i < artifacts.getLength(); i++) {
        String module = artifacts.item(i).getTextContent();
        assertThat(ROOT.resolve(module).resolve("pom.xml")).exists();
        found.add(module);
      }
      NodeList versions = xml("<x>" + block.group(1) + "</x>").getElementsByTagName("version");
      for (int i = 0; i < versions.getLength(); i++) {
        String version = "<version>" + versions.item(i).getTextContent() + "</version>";
        assertThat(ROOT.resolve("pom.xml")).content().contains(version);
      }
    }
    assertThat(found).contains("maestro-bom", "maestro-core");
  }

  private static Document xml(String text) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(text)));
  }

  /** One block of a page; {@code test} and {@code region} are there for a fragment. */
  private record Block(
      String language, Optional<String> test, Optional<String> region, String text) {

    Block(Matcher found) {
      this(
          found.group("language"),
          Optional.ofNullable(found.group("test")),
          Optional.ofNullable(found.group("region")),
          found.group("text"));
    }
  }

  private void check(Block block) throws IOException {
    if (block.language().equals("yaml")) {
      assertThat(PipelineFormat.YAML.read(block.text())).isNotNull();
    } else if (block.test().isPresent()) {
      String region = region(block.test().get(), block.region().orElseThrow());
      assertThat(blanksAside(block.text())).isEqualTo(blanksAside(region));
    } else {
      compile(block.text());
    }
  }

  private static String region(String test, String name) throws IOException {
    String source = Files.readString(source(test));
    Matcher region =
        Pattern.compile(
                "// sample: " + name + "\\R(?<text>.*?)^\\s*// sample: end$",
                Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(source);
    return region.find() ? region.group("text") : fail("%s has no sample %s", test, name);
  }

  private static Path source(String test) throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path tests : modules.map(module -> module.resolve("src/test/java")).toList()) {
        Optional<Path> found = Files.isDirectory(tests) ? find(tests, test) : Optional.empty();
        if (found.isPresent()) {
          return found.get();
        }
      }
    }
    return fail("there is no test %s", test);
  }

  private static Optional<Path> find(Path tests, String test) throws IOException {
    try (Stream<Path> files = Files.walk(tests)) {
      return files.filter(file -> file.endsWith(test + ".java")).findFirst();
    }
  }

  /** The formatter breaks lines where a page would not. */
  private static String blanksAside(String code) {
    return code.replaceAll("\\s+", "");
  }

  private void compile(String text) {
    Matcher type = PUBLIC_TYPE.matcher(text);
    URI name = URI.create("sample:///" + (type.find() ? type.group(1) : "Sample") + ".java");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    List<String> options =
        List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
    compiler.getTask(null, null, problems, options, null, List.of(new Source(name, text))).call();
    assertThat(problems.getDiagnostics()).isEmpty();
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> root = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(root, docs)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  private static final class Source extends SimpleJavaFileObject {

    private final String text;

    Source(URI name, String text) {
      super(name, Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
