package dev.maestro;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * The table of reasons in {@code docs/reliability.md} has every code that Maestro gives, and no
 * other. They are the constants of the type: each of them is given somewhere, and nothing else
 * makes one. Read from the syntax trees of all modules.
 */
@TestInstance(Lifecycle.PER_CLASS) // the sources are read once
class ReasonPageTest {

  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z0-9-]+)` \\| ([^|]+) \\| ([^|]+) \\|");

  /** Where a reason is read that is recorded, and may be an application's own. */
  private static final Set<String> READERS =
      Set.of("EventReader.java", "ProviderState.java", "Reason.java");

  // codes by the name of their constant
  private final Map<String, String> constants = new TreeMap<>();
  private final Set<String> given = new TreeSet<>();
  private final Set<String> makers = new TreeSet<>();

  @BeforeAll
  void readAllSources() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, files, null, null, null, files.getJavaFileObjectsFromPaths(sources()));
      List<CompilationUnitTree> units = new ArrayList<>();
      task.parse().forEach(units::add);
      units.forEach(unit -> new Constants().scan(unit, null));
      units.forEach(unit -> new Uses(unit).scan(unit, null));
    }
  }

  @Test
  void everyReasonIsExplainedAndNoOtherIs() throws Exception {
    List<String> explained = explained();

    assertThat(constants).hasSizeGreaterThan(50);
    assertThat(explained).doesNotHaveDuplicates();
    assertThat(new TreeSet<>(explained)).isEqualTo(new TreeSet<>(constants.values()));
  }

  @Test
  void everyReasonIsGivenSomewhere() {
    assertThat(given)
        .as("constants that are more than compared with")
        .isEqualTo(constants.keySet());
  }

  @Test
  void noReasonIsMadeThatIsNoConstant() {
    assertThat(makers).isEqualTo(new TreeSet<>(READERS));
  }

  /** Finds {@code static final Reason NAME = Reason.of("code")}. */
  private final class Constants extends TreePathScanner<Void, Void> {

    @Override
    public Void visitVariable(VariableTree field, Void none) {
      if (isConstant(field)) {
        String code = codeOf(field.getInitializer());
        assertThat(constants.put(field.getName().toString(), code)).isNull();
      }
      return super.visitVariable(field, none);
    }
  }

  /** Finds where constants are given, and where reasons are made that are none. */
  private final class Uses extends TreePathScanner<Void, Void> {

    private final String file;

    private Uses(CompilationUnitTree unit) {
      this.file = Path.of(unit.getSourceFile().getName()).getFileName().toString();
    }

    @Override
    public Void visitVariable(VariableTree field, Void none) {
      return isConstant(field) ? null : super.visitVariable(field, none);
    }

    @Override
    public Void visitMemberSelect(MemberSelectTree select, Void none) {
      use(select.getIdentifier().toString());
      return super.visitMemberSelect(select, none);
    }

    @Override
    public Void visitIdentifier(IdentifierTree identifier, Void none) {
      use(identifier.getName().toString());
      return super.visitIdentifier(identifier, none);
    }

    @Override
    public Void visitMethodInvocation(MethodInvocationTree call, Void none) {
      if (call.getMethodSelect().toString().equals("Reason.of")) {
        makers.add(file);
      }
      return super.visitMethodInvocation(call, none);
    }

    @Override
    public Void visitNewClass(NewClassTree made, Void none) {
      if (made.getIdentifier().toString().equals("Reason")) {
        makers.add(file);
      }
      return super.visitNewClass(made, none);
    }

    private void use(String name) {
      if (constants.containsKey(name) && !isCompared()) {
        given.add(name);
      }
    }

    private boolean isCompared() {
      return getCurrentPath().getParentPath().getLeaf() instanceof MethodInvocationTree call
          && call.getMethodSelect() instanceof MemberSelectTree method
          && method.getIdentifier().contentEquals("equals")
          && call.getArguments().contains(getCurrentPath().getLeaf());
    }
  }

  private static boolean isConstant(VariableTree field) {
    Set<Modifier> modifiers = field.getModifiers().getFlags();
    Tree type = field.getType();
    return modifiers.contains(Modifier.STATIC)
        && modifiers.contains(Modifier.FINAL)
        && type != null
        && type.toString().equals("Reason");
  }

  private static String codeOf(ExpressionTree made) {
    List<? extends ExpressionTree> arguments =
        made instanceof NewClassTree built
            ? built.getArguments()
            : ((MethodInvocationTree) made).getArguments();
    return (String) ((LiteralTree) arguments.get(0)).getValue();
  }

  /** {@return what applications get; examples make reasons of their own} */
  private static List<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      for (Path module : modules.filter(ReasonPageTest::isForApplications).toList()) {
        try (Stream<Path> files = Files.walk(module.resolve("src/main/java"))) {
          files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
        }
      }
    }
    return sources;
  }

  private static boolean isForApplications(Path module) {
    return module.getFileName().toString().startsWith("maestro-")
        && !module.endsWith("maestro-examples")
        && !module.endsWith("maestro-benchmarks")
        && Files.isDirectory(module.resolve("src/main/java"));
  }

  private static List<String> explained() throws IOException {
    return Files.readAllLines(Path.of("..", "docs", "reliability.md")).stream()
        .map(ROW::matcher)
        .filter(Matcher::matches)
        .map(row -> row.group(1))
        .toList();
  }
}
