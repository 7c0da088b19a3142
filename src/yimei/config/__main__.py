from yimei.config.cli import main

main()
