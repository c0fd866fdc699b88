import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.sql.DriverManager;

/** Run by test_pings.py: URL USER. Asks for each line it reads whether the session is alive. */
final class Ping {
    private Ping() {}

    public static void main(String[] arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in));
        try (var connection = DriverManager.getConnection(arguments[0], arguments[1], "");
                var select = connection.prepareStatement("SELECT 1")) {
            while (lines.readLine() != null) {
                select.executeQuery().close(); // prepared on the server from the fifth time on
                System.out.println(connection.isValid(30) ? "alive" : "dead");
            }
        }
    }
}
