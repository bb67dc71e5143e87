from initplay.cli import main

main()
